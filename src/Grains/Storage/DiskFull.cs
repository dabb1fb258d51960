
namespace CoMiGS.Grains.Storage;

/// <summary>A disk without room ends a run: other users would meet it, too, and nothing that is stored is harmed.
/// </summary>
internal static class DiskFull
{
    // ENOSPC and EDQUOT of Linux; ERROR_DISK_FULL and ERROR_HANDLE_DISK_FULL of Windows.
    private static readonly int[] Codes = [28, 122, unchecked((int)0x80070070), unchecked((int)0x80070027)];

    /// <summary>The one sentence when that is what an exception, or one inside it, says; otherwise null.</summary>
    public static string? SentenceOf(Exception? failed) => failed switch
    {
        null => null,
        IOException io when Codes.Contains(io.HResult) => io.Message,
        _ => SentenceOf(failed.InnerException),
    };
}
