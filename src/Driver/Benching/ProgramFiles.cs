using CoMiGS.Learning;

namespace CoMiGS.Driver.Benching;

/// <summary>What comes with the program: run files, data, the plain version.</summary>
internal static class ProgramFiles
{
    /// <summary>The absolute path of something that lies in a folder above the program.</summary>
    /// <param name="path">Relative to the repository, e.g. runs/demo.yaml.</param>
    /// <exception cref="BadInputException">It is not there.</exception>
    public static string At(string path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, path);
            if (Path.Exists(candidate))
            {
                return candidate;
            }
        }

        throw new BadInputException($"bench needs {path}, but no folder above {AppContext.BaseDirectory} has it.");
    }
}
