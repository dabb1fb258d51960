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

    private static string Escape(string part) =>
        part.All(letter => letter == '.') ? string.Concat(part.Select(_ => "%2E")) : Uri.EscapeDataString(part);
}
