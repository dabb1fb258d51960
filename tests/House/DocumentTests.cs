using System.Text.RegularExpressions;
using static House.Repository;

namespace House;

/// <summary>Documents that drift are found here.</summary>
public sealed partial class DocumentTests
{
    public static TheoryData<string> Documents =>
    [
        "README.md", "RUNFILE.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "EXPERIMENTS.md", "CHANGELOG.md", "METRICS.md",
        "NOTICE",
    ];

    [Theory]
    [MemberData(nameof(Documents))]
    public void Document_MentionsOnlyPathsThatExist(string document)
    {
        var text = Read(document);
        var paths = LinkedPath().Matches(text).Concat(CodePath().Matches(text)).Select(match => match.Groups[1].Value)
            .Where(path => !path.Contains("://", StringComparison.Ordinal) && !path.StartsWith('#'))
            .Select(path => path.Split('#')[0]);
        AssertNone(
            paths.Where(path => !Exists(path)).Select(path => $"{document} mentions {path}, which does not exist."));
    }

    [Fact]
    public void Repository_HasLicenceAndNotice()
    {
        Assert.Contains("MIT", Read("LICENSE"), StringComparison.Ordinal);
        Assert.Contains("data/NOTICE.md", Read("NOTICE"), StringComparison.Ordinal);
    }

    [Fact]
    public void Ci_RunsTheTests() => Assert.Contains("comigs\" test", Read(".ci/run"), StringComparison.Ordinal);

    /// <summary>[text](path)</summary>
    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex LinkedPath();

    /// <summary>`src/…`, `tests/…` and so on: a path of this repository written as code, without
    /// placeholders.</summary>
    [GeneratedRegex(@"`((?:src|tests|offline|runs|data|build|benchmarks|deploy)/[A-Za-z0-9_./-]*)`")]
    private static partial Regex CodePath();
}
