using CoMiGS.Learning;
using CoMiGS.Results;

namespace CoMiGS.Driver.Commands;

/// <summary>The file that an option names and that is written.</summary>
internal static class OutputFile
{
    /// <exception cref="BadInputException">It is a folder, or one of the files that are read.</exception>
    public static void Check(string option, string path, params IEnumerable<string> inputs)
    {
        if (Path.EndsInDirectorySeparator(path) || Directory.Exists(path))
        {
            throw new BadInputException($"{option} is '{path}', but must name a file, not a folder.");
        }

        var real = RealPath(path);
        if (inputs.FirstOrDefault(input => RealPath(input) == real) is { } read)
        {
            throw new BadInputException($"{option} '{path}' would overwrite {read}, which is read; name another file.");
        }
    }

    /// <summary>Makes its folder and tries whether it can be written, before work that takes long.</summary>
    /// <exception cref="BadInputException">It cannot.</exception>
    public static void Prepare(string option, string path) => ResultsFolder.Writing(option, path, () =>
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        if (File.Exists(full))
        {
            using var file = File.OpenWrite(full);
        }
        else
        {
            ResultsFolder.Probe(full + AtomicFile.Unfinished);
        }

        return full;
    });

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
