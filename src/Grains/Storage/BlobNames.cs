namespace CoMiGS.Grains.Storage;

/// <summary>Where blobs lie, by run.</summary>
public static class BlobNames
{
    /// <summary>A user's state after a round.</summary>
    public static string User(string experiment, string user, int version) => $"{experiment}/users/{user}/{version}";

    /// <summary>What <see cref="User"/> was given; null: the name is another kind of blob's.</summary>
    public static (string Experiment, string User, int Version)? ParseUser(string name) =>
        name.Split('/') is [var experiment, "users", var user, var version] && int.TryParse(version, out var number)
            ? (experiment, user, number)
            : null;

    public static string Generalists(string experiment, string hash) => $"{experiment}/generalists/{hash}";

    public static string Report(string experiment, int round) => $"{experiment}/reports/{round}";

    public static string Result(string experiment) => $"{experiment}/result";
}
