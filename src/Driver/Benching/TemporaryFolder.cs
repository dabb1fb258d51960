namespace CoMiGS.Driver.Benching;

/// <summary>A folder for what a measurement leaves behind; gone afterwards.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("comigs-bench-");

    public string At(string path) => Path.Combine(folder.FullName, path);

    public void Dispose() => folder.Delete(recursive: true);
}
