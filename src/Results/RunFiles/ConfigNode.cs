namespace CoMiGS.Results.RunFiles;

/// <summary>A piece of a run file, or of a --set, that knows where it stands.</summary>
/// <param name="Where">For messages: "FILE:LINE" or "--set KEY".</param>
internal abstract record ConfigNode(string Where);

/// <param name="IsQuoted">Quoted text is text, whatever it looks like.</param>
internal sealed record ConfigScalar(string Where, string Text, bool IsQuoted) : ConfigNode(Where);

internal sealed record ConfigList(string Where, IReadOnlyList<ConfigNode> Items) : ConfigNode(Where);

/// <param name="Entries">By key; <see cref="ConfigNode.Where"/> of a value is the line of its key.</param>
internal sealed record ConfigMap(string Where, SortedDictionary<string, ConfigNode> Entries) : ConfigNode(Where)
{
    public static ConfigMap Empty(string where) => new(where, new(StringComparer.Ordinal));
}
