using CoMiGS.Dashboard.Reporting;
using CoMiGS.Results;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>Results of a run of which report makes a page and tables.</summary>
internal abstract class ReportParser(string fileName, params string[] words) : ResultsParser(fileName, words)
{
    protected const string Metrics = """
        {"round":1,"loss":3.5,"seconds":1.5,"evaluationSeconds":0.5,"tokens":320,"bytes":64,"bytesAcrossSilos":0,
        "productGap":null,"silos":{"one":2},"users":[{"id":"a","loss":3.5,"routerLoss":null,"tokens":160,"bytes":32,
        "seconds":0.5,"perplexity":30.5,"generalistShare":[0.5,0.25],"simulatedSeconds":4},{"id":"b","loss":3.25,
        "routerLoss":3,"tokens":160,"bytes":32,"seconds":0.5,"perplexity":null,"generalistShare":null}],
        "missing":["c"],"simulated":{"start":0,"waited":1,"seconds":9,"late":[{"id":"c","seconds":11}]}}
        """;

    protected const string Traces = """
        [{"user":"a","trace":{"tokens":["A"," word"],"firstExperts":[[0,1]],
        "generalistWeights":[[0.75,0.25]],"firstWeights":[[0.75,0.75]]}}]
        """;

    /// <summary>The page has the data in it; a line of metrics becomes a round of every arm's users.</summary>
    public override long BytesAlways(byte[] content) => 16 << 20;

    public override void Read(string path)
    {
        Tiny.Beside(path, ResultsFolder.RunFileName, Text(Tiny.RunFile));
        Tiny.Beside(path, ResultsFolder.SummaryName, Text(Summary));
        Tiny.Beside(path, MetricsFile.Name, Text(Line(Metrics)));
        Tiny.Beside(path, ResultsFolder.TracesName, Text(Traces));
        var folder = Path.GetDirectoryName(path)!;
        Report.Write(folder, Results.Summary.Read(Path.Combine(folder, ResultsFolder.SummaryName)));
        Assert.True(File.Exists(Path.Combine(folder, ResultsFolder.ReportName)));
    }

    protected static string Line(string text) => text.Replace("\n", "", StringComparison.Ordinal) + "\n";
}

/// <summary>A line that cannot be read is counted, the others are shown.</summary>
internal sealed class MetricsParser() : ReportParser(
    MetricsFile.Name, "{", "}", "[", "]", ":", ",", "\"", "null", "\n", "\"round\":2", "\"users\"", "\"missing\"",
    "\"id\":\"a\"", "\"faults\":[", "\"simulated\":{", "\"late\"", "\"perplexity\":", "\"generalistShare\":[")
{
    public override IReadOnlyList<byte[]> Seeds { get; } =
        [Text(Line(Metrics) + Line(Metrics.Replace("\"round\":1", "\"round\":2", StringComparison.Ordinal)))];
}

internal sealed class TracesParser() : ReportParser(
    ResultsFolder.TracesName, "{", "}", "[", "]", ":", ",", "\"", "null", "\"user\"", "\"trace\"", "\"tokens\"", "[]")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Text(Traces)];
}

internal sealed class ReportedSummaryParser() : ReportParser(
    ResultsFolder.SummaryName, "{", "}", "[", "]", ":", ",", "\"", "null", "\"arms\"", "\"users\"", "\"perplexity\"")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Text(Summary)];
}
