using System.Reflection;

namespace CoMiGS.Dashboard.Serving;

/// <summary>The page as Vite made it, out of this program's own resources.</summary>
internal static class PageFiles
{
    /// <summary>Why there is no page, in one sentence.</summary>
    public const string Missing =
        "The page was not built, for want of Node.js 18 or newer with npm: install them and run ./comigs setup.";

    private static readonly Assembly Here = typeof(PageFiles).Assembly;

    public static bool IsBuilt => Here.GetManifestResourceInfo(NameOf("index.html")) is not null;

    /// <summary>Null: the page has no such file.</summary>
    public static byte[]? Read(string file)
    {
        using var stream = Here.GetManifestResourceStream(NameOf(file));
        if (stream is null)
        {
            return null;
        }

        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>Of the files a page has.</summary>
    public static string TypeOf(string file) => Path.GetExtension(file) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };

    private static string NameOf(string file) => $"web/{file}";
}
