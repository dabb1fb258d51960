using CoMiGS.Learning.Data;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>Token ids, two bytes each.</summary>
internal sealed class ShardParser() : Parser("train.bin")
{
    private const int Vocabulary = 300;

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Tiny.Written(path => TokenStream.Write(path, [.. Enumerable.Range(0, Vocabulary)])), [1, 0]];

    public override void Read(string path)
    {
        var stream = TokenStream.Open(path, Vocabulary);
        var ids = new int[stream.Length];
        stream.CopyTo(0, ids);
        Assert.True(ids.Length > 0 && ids.All(id => id < Vocabulary));
    }
}
