using CoMiGS.Learning;

namespace CoMiGS.Driver.Commands;

/// <summary>The file that --out names.</summary>
internal static class OutputFile
{
    /// <exception cref="BadInputException">It is a folder, or one of the files that are read.</exception>
    public static void Check(string path, params IEnumerable<string> inputs)
    {
        if (path.Length == 0 || Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
        {
            throw new BadInputException($"--out is '{path}', but must name a file, not a folder.");
        }

        var real = RealPath(path);
        if (inputs.FirstOrDefault(input => input.Length > 0 && RealPath(input) == real) is { } read)
        {
            throw new BadInputException($"--out '{path}' would overwrite {read}, which is read; name another file.");
        }
    }

    /// <exception cref="BadInputException">There can be no such folder.</exception>
    public static void MakeFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"--out '{path}' cannot be written: {error.Message}", error);
        }
    }

    /// <summary>Without links on the way; as it stands where they lead nowhere.</summary>
    private static string RealPath(string path)
    {
        try
        {
            var file = new FileInfo(path);
            var target = file.LinkTarget is null ? file : file.ResolveLinkTarget(returnFinalTarget: true)!;
            return Path.GetDirectoryName(target.FullName) is { } folder
                ? Path.Combine(RealPath(folder), target.Name)
                : target.FullName;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
