using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Names of tools on both sides (mapping.md section 5.2, failures.md B10).</summary>
/// <remarks>A name the backend cannot take gets an alias with a hash of the whole name: the same in every request, so that
/// prompt caches hit, and different for names that are equal as far as they fit.</remarks>
public sealed class ToolNames
{
    private const int HashDigits = 8;

    private static readonly SearchValues<char> Safe =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");

    private static readonly SearchValues<byte> SafeBytes =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"u8);

    private readonly int _maxLength;
    private readonly List<OfferedTool> _offered = [];
    private readonly Dictionary<string, OfferedTool> _byUpstreamName = new(StringComparer.Ordinal);

    // Only names that had to change: name (with its toolset) to alias, and alias to name.
    private Dictionary<(string? Toolset, string Name), string>? _aliases;
    private Dictionary<string, string>? _originals;

    // A name that fits had to make way for another tool's.
    private bool _anyDisplaced;

    /// <param name="maxLength">Longest name the backend takes.</param>
    public ToolNames(int maxLength = 64) => _maxLength = Math.Max(maxLength, 2 * HashDigits);

    /// <summary>Tools that were offered to the model in this request, in order.</summary>
    public IReadOnlyCollection<OfferedTool> Offered => _offered;

    /// <summary>Takes note of a tool that the model is offered.</summary>
    /// <param name="name">The client's name.</param>
    /// <param name="toolset">The toolset it is a member of, or null.</param>
    /// <param name="onlyProperty">The schema's only property, or null.</param>
    /// <returns>The tool, or null if one of that name was offered before.</returns>
    public OfferedTool? Offer(string name, string? toolset = null, string? onlyProperty = null)
    {
        var tool = new OfferedTool(name, ToUpstream(name, toolset), toolset, onlyProperty);
        if (!_byUpstreamName.TryAdd(tool.UpstreamName, tool))
            return null;
        _offered.Add(tool);
        return tool;
    }

    /// <summary>Takes note of a tool that the gateway runs. Its name is not the client's to choose: one of the client's own tools may have it.</summary>
    /// <param name="serverTool">The tool.</param>
    /// <param name="name">Its name in blocks.</param>
    /// <param name="isTaken">A tool of the client's own has that name.</param>
    /// <returns>The tool, or null if it was offered before.</returns>
    internal OfferedTool? OfferServerTool(ServerTool serverTool, string name, bool isTaken)
    {
        var upstreamName = isTaken ? $"gateway_{name}" : name;
        var onlyProperty = serverTool.Kind == Protocol.Anthropic.ServerToolKind.WebFetch ? "url" : "query";
        var tool = new OfferedServerTool(name, upstreamName, onlyProperty, serverTool);
        if (!_byUpstreamName.TryAdd(upstreamName, tool))
            return null;
        _offered.Add(tool);
        return tool;
    }

    /// <summary>The name for the backend; the same for the same name in every request.</summary>
    public string ToUpstream(string name) => ToUpstream(name, toolset: null);

    /// <summary>The name for the backend of a toolset's member: <c>computer__key</c>.</summary>
    public string ToUpstream(string name, string? toolset)
    {
        if (_aliases is not null && _aliases.TryGetValue((toolset, name), out var known))
            return known;

        var full = toolset is null ? name : $"{toolset}__{name}";
        if (Fits(full))
        {
            if (!IsTaken(full, name, toolset))
                return full;
            _anyDisplaced = true;
        }

        var hashDigits = HashDigits;
        var alias = Shorten(full, hashDigits);
        while (IsTaken(alias, name, toolset) && hashDigits < 2 * SHA256.HashSizeInBytes && hashDigits < _maxLength / 2)
            alias = Shorten(full, hashDigits += HashDigits);

        (_aliases ??= [])[(toolset, name)] = alias;
        (_originals ??= new(StringComparer.Ordinal))[alias] = name;
        return alias;
    }

    /// <summary>Whether a name goes to the backend byte for byte.</summary>
    /// <param name="name">The bytes between the quotes.</param>
    internal bool IsKept(ReadOnlySpan<byte> name) =>
        !_anyDisplaced && name.Length > 0 && name.Length <= _maxLength && !name.ContainsAnyExcept(SafeBytes);

    /// <summary>The offered tool the backend means: exact, else the only one that differs in case; null if unknown.</summary>
    /// <param name="upstreamName">Unescaped UTF-8.</param>
    public OfferedTool? Find(ReadOnlySpan<byte> upstreamName)
    {
        const int longest = 512;
        if (upstreamName.Length > longest)
            return null;
        Span<char> buffer = stackalloc char[longest];
        var name = buffer[..Encoding.UTF8.GetChars(upstreamName, buffer)];
        if (_byUpstreamName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var exact))
            return exact;

        OfferedTool? only = null;
        foreach (var tool in _offered)
        {
            if (!name.Equals(tool.UpstreamName, StringComparison.OrdinalIgnoreCase))
                continue;
            if (only is not null)
                return null;
            only = tool;
        }

        return only;
    }

    /// <summary>The client's name for what the backend called; names no map knows pass through.</summary>
    /// <param name="upstreamName">Unescaped UTF-8.</param>
    public string ToClient(ReadOnlySpan<byte> upstreamName)
    {
        if (Find(upstreamName) is { } tool)
            return tool.Name;
        var name = Encoding.UTF8.GetString(upstreamName);
        return _originals is not null && _originals.TryGetValue(name, out var original) ? original : name;
    }

    private bool Fits(string name) => name.Length > 0 && name.Length <= _maxLength && !name.AsSpan().ContainsAnyExcept(Safe);

    private bool IsTaken(string upstreamName, string name, string? toolset) =>
        (_byUpstreamName.TryGetValue(upstreamName, out var tool) && (tool.Name != name || tool.Toolset != toolset))
        || (_originals is not null && _originals.ContainsKey(upstreamName));

    private string Shorten(string name, int hashDigits)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(name), hash);

        Span<char> kept = stackalloc char[Math.Min(name.Length, _maxLength - 1 - hashDigits)];
        for (var i = 0; i < kept.Length; i++)
            kept[i] = Safe.Contains(name[i]) ? name[i] : '_';
        return $"{kept}_{Convert.ToHexStringLower(hash)[..hashDigits]}";
    }
}
