namespace CoMiGS.Results.RunFiles;

/// <summary>Which known word a mistyped one was meant to be.</summary>
internal static class Nearest
{
    /// <summary>The known word with the smallest edit distance for its length, ignoring case; the first of equals. So
    /// 'mix' is nearer to 'mixture' than to 'own'.</summary>
    public static string Of(string word, IEnumerable<string> known) => known.MinBy(candidate =>
        Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant())
        / (double)Math.Max(word.Length, candidate.Length))!;

    /// <summary>Levenshtein: insertions, deletions and replacements.</summary>
    public static int Distance(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
