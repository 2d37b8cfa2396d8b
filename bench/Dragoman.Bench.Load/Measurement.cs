namespace Dragoman.Bench.Load;

/// <summary>One target's turn at one workload.</summary>
/// <param name="Requests">Answers in the measured time; of paced streams, events in that time by events per answer.</param>
/// <param name="User">CPU seconds of the server process and its children in that time.</param>
/// <param name="Delay">Microseconds from the backend's sending of an event to its arrival; zeros where events carry no time.</param>
internal sealed record Measurement(
    string Target, string Workload, int Round, double Requests, double Seconds, double User, double System,
    Percentiles Delay, Percentiles FirstEvent, Percentiles Gap, int Errors, string? FirstError)
{
    /// <summary>0 when no answer came.</summary>
    public double MicrosecondsPerRequest => Requests == 0 ? 0 : (User + System) * 1e6 / Requests;
}

/// <summary>A fresh process's resident memory, in KB: idle, with 100 and with 500 open streams; and its start, in milliseconds.</summary>
internal sealed record Footprint(string Target, int Round, double FirstAnswerAfter, long Idle, long At100, long At500)
{
    public double PerStream => (At500 - At100) / 400.0;
}
