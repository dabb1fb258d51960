namespace CoMiGS.Results;

/// <summary>Neighbouring tokens of one expert, joined.</summary>
internal static class TokenRuns
{
    public static IEnumerable<(byte Expert, string Text)> Of(IReadOnlyList<string> tokens, IReadOnlyList<byte> experts)
    {
        for (var start = 0; start < tokens.Count;)
        {
            var end = start + 1;
            while (end < tokens.Count && experts[end] == experts[start])
            {
                end++;
            }

            yield return (experts[start], Printable(string.Concat(tokens.Skip(start).Take(end - start))));
            start = end;
        }
    }

    /// <summary>Line ends and other control characters would break the line, or the terminal.</summary>
    private static string Printable(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
