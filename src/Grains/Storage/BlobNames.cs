namespace CoMiGS.Grains.Storage;

/// <summary>Where blobs lie, by run.</summary>
internal static class BlobNames
{
    /// <summary>A user's state after a round.</summary>
    public static string User(string experiment, string user, int version) => $"{experiment}/users/{user}/{version}";

    public static string Generalists(string experiment, string hash) => $"{experiment}/generalists/{hash}";

    public static string Report(string experiment, int round) => $"{experiment}/reports/{round}";

    public static string Result(string experiment) => $"{experiment}/result";
}
