using System.Globalization;
using System.Text.RegularExpressions;

namespace CoMiGS.Learning.Data.Partitioning;

/// <summary>Names that can be a user's folder and stand in a run file: at most 64 ASCII letters, digits, '.', '_' and
/// '-', the first a letter or digit.</summary>
internal static partial class UserName
{
    private const int LongestName = 64;

    /// <summary>The name for a label or a writer: what may not stand in it becomes '-'.</summary>
    /// <param name="value">As the input has it.</param>
    /// <param name="where">FILE:LINE where it stands.</param>
    /// <exception cref="BadInputException">Nothing is left, or too much.</exception>
    public static string Of(string value, string where)
    {
        var name = Forbidden().Replace(value.Trim(), "-").TrimStart('-', '.', '_').TrimEnd('-');
        return name.Length is > 0 and <= LongestName
            ? name
            : throw new BadInputException(
                $"{where}: '{value}' cannot name a user: it takes 1 to {LongestName} ASCII letters and digits.");
    }

    /// <summary>user-1, user-2, …: with as many digits as the last one needs, so that names sort as numbers.</summary>
    public static string[] Numbered(int count)
    {
        var digits = $"D{count.ToString(CultureInfo.InvariantCulture).Length}";
        return [.. Enumerable.Range(1, count).Select(n => "user-" + n.ToString(digits, CultureInfo.InvariantCulture))];
    }

    [GeneratedRegex("[^A-Za-z0-9._-]+")]
    private static partial Regex Forbidden();
}
