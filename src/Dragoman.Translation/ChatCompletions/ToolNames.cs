namespace Dragoman.Translation.ChatCompletions;

/// <summary>Names of tools on both sides (mapping.md section 5.2, failures.md B10).</summary>
public sealed class ToolNames
{
    /// <summary>Tools that were offered to the model in this request.</summary>
    public IReadOnlyCollection<OfferedTool> Offered => throw new NotImplementedException();

    /// <summary>The name for the backend; the same for the same name in every request.</summary>
    public string ToUpstream(string name) => throw new NotImplementedException();

    /// <summary>The offered tool the backend means: exact, else the only one that differs in case; null if unknown.</summary>
    /// <param name="upstreamName">Unescaped UTF-8.</param>
    public OfferedTool? Find(ReadOnlySpan<byte> upstreamName) => throw new NotImplementedException();

    /// <summary>The client's name for what the backend called; names no map knows pass through.</summary>
    public string ToClient(ReadOnlySpan<byte> upstreamName) => throw new NotImplementedException();
}
