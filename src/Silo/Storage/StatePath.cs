namespace CoMiGS.Silo.Storage;

/// <summary>Names become paths below the state folder: '/' separates folders, and what a file system could take amiss
/// is escaped.</summary>
internal static class StatePath
{
    public static string Of(string root, string name, string ending)
    {
        var parts = name.Split('/').Select(Escape);
        return Path.Combine([root, .. parts]) + ending;
    }

    /// <summary>The part of a name that a part of a path stands for.</summary>
    public static string NameOf(string part) => Uri.UnescapeDataString(part);

    private static string Escape(string part) =>
        part.All(letter => letter == '.') ? string.Concat(part.Select(_ => "%2E")) : Uri.EscapeDataString(part);
}
