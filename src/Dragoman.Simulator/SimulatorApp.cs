namespace Dragoman.Simulator;

/// <summary>The scripted OpenAI-compatible backend.</summary>
public static class SimulatorApp
{
}
