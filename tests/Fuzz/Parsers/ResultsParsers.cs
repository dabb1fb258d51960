using CoMiGS.Driver.Comparing;
using CoMiGS.Results;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>Results of a run that compare reads, compared with themselves.</summary>
internal abstract class ResultsParser(string fileName, params string[] words) : Parser(fileName, words)
{
    protected const string Summary = """
        {
          "name": "tiny", "method": "fedavg", "target": "own", "seed": 1, "rounds": 2, "users": [],
          "meanPerplexity": 12.5, "tokensPerSecond": 100, "peakMemoryBytes": 1000, "elapsedSeconds": 2.5,
          "version": "1.0.0", "precision": null,
          "arms": [{
            "arm": "fedavg", "method": "fedavg", "target": "own", "seed": 1, "rounds": 2,
            "users": [
              { "id": "a", "experts": 2, "trainTokens": 200, "perplexity": 12.5, "basePerplexity": 20,
                "generalistShare": [0.5] },
              { "id": "b", "experts": 2, "trainTokens": 200, "perplexity": null, "basePerplexity": 20,
                "generalistShare": [] }
            ],
            "meanPerplexity": 12.5, "tokensPerSecond": 100, "elapsedSeconds": 2.5, "bytesSent": 4096,
            "bytesAcrossSilos": 0, "productGap": 0.1
          }]
        }
        """;

    /// <summary>Tables, texts and pictures are made of it.</summary>
    public override int BytesPerByte => 1000;

    public override void Read(string path)
    {
        Tiny.Beside(path, ResultsFolder.RunFileName, Text(Tiny.RunFile));
        Tiny.Beside(path, ResultsFolder.SummaryName, Text(Summary));
        var source = ComparedSource.Read(Path.GetDirectoryName(path)!, [], []);
        LabelledRun[] runs = [new(source, source.Finished!), new(source with { Label = "again" }, source.Finished!)];
        var tables = SeedTable.Of(runs);
        var differences = SettingDifferences.Of([("first", source.RunFile), ("second", Tiny.RunFile)]);
        Assert.NotEmpty(ComparisonText.Markdown(tables, differences) + ComparisonText.Csv(runs));
        Assert.NotEmpty(ComparisonPicture.Write(tables) + Json.Write(new ComparisonReport(tables, differences, [])));
    }
}

internal sealed class SummaryParser() : ResultsParser(
    ResultsFolder.SummaryName, "{", "}", "[", "]", ":", ",", "\"", "null", "true", "\"arms\"", "\"users\"",
    "\"method\"", "\"perplexity\"", "\"seed\"", "\"rounds\"", "\"precision\": {\"type\": \"bfloat16\"},", "\"NaN\"",
    "\"local\"")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Text(Summary)];
}

internal sealed class ResolvedRunFileParser() : ResultsParser(
    ResultsFolder.RunFileName, "a: ", "[", "]", "{", "}", "\n", "  ", "- ", "&a", "*a", "\"")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Text(Tiny.RunFile), Text("a: { b: [1, { c: d }] }\nusers:\n  - a\n")];
}
