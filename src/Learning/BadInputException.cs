using System.Text.RegularExpressions;

namespace CoMiGS.Learning;

/// <summary>Something a person supplied cannot be used. <see cref="Exception.Message"/> is one sentence on one line
/// that names the file, the key, the value and the limit; programs print it alone and end with exit code 2.</summary>
public sealed partial class BadInputException(string message, Exception? inner = null)
    : Exception(OneLine(message), inner)
{
    private const int LongestStart = 600;
    private const int LongestEnd = 300;

    /// <summary>What a person supplied wrongly, if that is behind a failure; null otherwise.</summary>
    public static BadInputException? In(Exception? failed) =>
        failed is null ? null : failed as BadInputException ?? In(failed.InnerException);

    /// <summary>What is quoted comes out of files that may be damaged or hostile: it may be long, have lines of its
    /// own, or characters that move a terminal's cursor or turn its text around.</summary>
    private static string OneLine(string message)
    {
        var text = message.Length <= LongestStart + LongestEnd
            ? message
            : $"{message[..LongestStart]} … {message[^LongestEnd..]}";
        text = Invisible().Replace(LineEnds().Replace(text, " "), "\uFFFD");
        return text is [.., '.' or '?'] ? text : text + ".";
    }

    [GeneratedRegex(@"\s*[\r\n]\s*")]
    private static partial Regex LineEnds();

    [GeneratedRegex(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]")]
    private static partial Regex Invisible();
}
