using System.Text.RegularExpressions;
using static House.Repository;

namespace House;

/// <summary>Sizes and debris.</summary>
public sealed partial class StyleTests
{
    private const int LongestSourceFile = 400;
    private const int LongestTestFile = 600;
    private const int LongestLine = 120;
    private const int LongestProgram = 60;

    /// <summary>What people write; recordings come with the scripts that made them.</summary>
    private static IEnumerable<string> Texts =>
        Files.Where(file => !file.StartsWith("tests/fixtures/", StringComparison.Ordinal) && IsText(file));

    private static bool IsText(string file) => file is "comigs" or ".ci/run" || Path.GetExtension(file)
        is ".cs" or ".csproj" or ".props" or ".targets" or ".sh" or ".cpp" or ".h" or ".py" or ".yaml"
            or ".ts" or ".css" or ".html";

    [Fact]
    public void Files_StayShort() => AssertNone(
        from file in Files
        where Path.GetExtension(file) is ".cs" or ".cpp" or ".h" or ".py" or ".ts" or ".css"
        let limit = file.StartsWith("tests/", StringComparison.Ordinal) ? LongestTestFile : LongestSourceFile
        let length = Lines(file).Length
        where length > limit
        select $"{file} has {length} lines; at most {limit}.");

    [Fact]
    public void Program_StaysThin() => Assert.True(Lines("src/Driver/Program.cs").Length <= LongestProgram);

    [Fact]
    public void Lines_StayWithinColumns() => AssertNone(LinesWhere(Texts, line => line.Length > LongestLine));

    [Fact]
    public void Lines_HoldNoTabsAndEndClean() =>
        AssertNone(LinesWhere(Texts, line => line.Contains('\t') || line.EndsWith(' ')));

    [Fact]
    public void Source_HoldsNoDebris() => AssertNone(LinesWhere(
        Texts.Where(file => file != "tests/House/StyleTests.cs"), line => Debris().IsMatch(line)));

    [Fact]
    public void Tests_DoNotSleep() => AssertNone(LinesWhere(
        CSharp("tests/").Where(file => file != "tests/House/StyleTests.cs"),
        line => line.Contains("Thread.Sleep", StringComparison.Ordinal)));

    [GeneratedRegex(@"\bTODO\b|\bFIXME\b|\bHACK\b|\bXXX\b|Debugger\.Break|\bbreakpoint\(\)|should never happen")]
    private static partial Regex Debris();
}
