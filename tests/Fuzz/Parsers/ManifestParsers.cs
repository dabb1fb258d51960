using CoMiGS.Learning.Data;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>dataset.json of a folder of shards, and the shards it names.</summary>
internal sealed class DatasetParser() : Parser(
    "dataset.json", "{", "}", "[", "]", ":", ",", "\"", "null", "\"users\"", "\"file\"", "\"tokens\"", "\"sha256\"",
    "\"train\"", "\"vocabularySize\"", "../", "/", "/dev/zero", "\"de\"")
{
    private const string Train = "de/train.bin";
    private static readonly byte[] Shard = [1, 0, 2, 0];

    public override IReadOnlyList<string> Culprits => [FileName, "train.bin", "valid.bin", "test.bin"];

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("{ \"vocabularySize\": 300, \"users\": { \"de\": { \"train\": {\n"
            + "\"file\": \"de/train.bin\", \"tokens\": 2,\n"
            + $"\"sha256\": \"{Learning.Aggregation.ContentHash.Of(Shard)}\" }} }} }} }}\n"),
    ];

    public override void Read(string path)
    {
        Tiny.Beside(path, Train, Shard);
        var dataset = Dataset.Open(Path.GetDirectoryName(path)!);
        foreach (var user in dataset.Users)
        {
            dataset.OpenShard(user, Split.Train);
        }
    }
}

/// <summary>SHA256SUMS of a base or of data, and the files it lists.</summary>
internal sealed class ChecksumsParser() : Parser(
    Checksums.FileName, "  ", " *", "\n", "\r\n", "../", "/dev/zero", "config.json", "\\", "0123456789abcdef")
{
    private static readonly byte[] Content = Text(Tiny.Config);

    private static readonly string Hash = Learning.Aggregation.ContentHash.Of(Content);

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text($"{Hash}  config.json\n{Hash} *below/config.json\n"),
        Text($"{Hash.ToUpperInvariant()}  config.json\r\n"),
    ];

    public override void Read(string path)
    {
        Tiny.Beside(path, "config.json", Content);
        Tiny.Beside(path, "below/config.json", Content);
        Checksums.Verify(Path.GetDirectoryName(path)!);
    }
}
