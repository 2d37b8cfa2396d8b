using Dragoman.Protocol.Anthropic;
using Dragoman.Routing;
using Dragoman.Translation.ChatCompletions;

namespace Dragoman.Upstream;

/// <summary>A caller's request as it is said to one target. May be sent more than once; disposing it gives the memory of its body back,
/// and the rest goes on to serve the answer.</summary>
internal abstract class UpstreamRequest(ModelTarget target) : IDisposable
{
    /// <summary>Whom it is for.</summary>
    public ModelTarget Target => target;

    /// <summary>The body. Good until disposed.</summary>
    public abstract ReadOnlyMemory<byte> Body { get; }

    /// <summary>Our estimate of the prompt's tokens, for an answer that begins before the backend has said anything.</summary>
    public abstract long EstimatedInputTokens { get; }

    /// <summary>Fields and features that were left out, each once, in plain ASCII (failures.md D18): for <c>x-dragoman-dropped</c>.</summary>
    public virtual IReadOnlyList<string> Dropped => [];

    /// <summary>Server tools that the gateway runs for it; none as a rule, or where the backend runs its own.</summary>
    public virtual IReadOnlyList<ServerTool> ServerTools => [];

    /// <summary>Set if no backend need be asked, as the caller wants no content; what the empty answer is made from.</summary>
    public virtual AnswerContext? EmptyAnswer => null;

    /// <summary>The request for the wire, with address, headers and <see cref="Body"/>; a new one for each sending. The credential is not
    /// in it yet.</summary>
    public abstract HttpRequestMessage ToMessage();

    /// <summary>Words a refusal of the backend.</summary>
    /// <param name="status">Its HTTP status.</param>
    /// <param name="body">Its body, or the beginning of it.</param>
    public abstract TranslatedError ReadError(int status, ReadOnlySpan<byte> body);

    /// <summary>Takes in what a refusal teaches about the target.</summary>
    /// <returns>True if the same request, written once more, will differ in what was refused.</returns>
    public virtual bool LearnFrom(TranslatedError refusal) => false;

    /// <summary>Reads the answer to this request.</summary>
    public abstract UpstreamAnswer OpenAnswer(in AnswerPlace place);

    /// <summary>Takes in what the backend counted: estimates learn from it.</summary>
    public virtual void Counted(in Usage usage)
    {
    }

    /// <summary>Gives the body's memory back.</summary>
    public abstract void Dispose();
}
