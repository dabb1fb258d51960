namespace CoMiGS.Grains.Storage;

/// <summary>Names that grains and the host agree on.</summary>
public static class StorageNames
{
    /// <summary>The storage provider of every grain state.</summary>
    public const string Files = "Files";
}
