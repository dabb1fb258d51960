using System.Globalization;

namespace CoMiGS.Fuzz;

/// <summary>Goal: whatever the bytes are, a parser accepts them or says in one sentence why not. Method: mutants of
/// contents that are accepted; COMIGS_FUZZ_INPUTS says how many a parser, COMIGS_FUZZ_SEED which,
/// COMIGS_FUZZ_ONLY the one parser that is wanted, COMIGS_FUZZ_FIGURES a file that gets a line a parser,
/// COMIGS_FUZZ_KEEP a folder for what a parser stumbled over. tests/chaos/fuzz.sh sets them.</summary>
public sealed class ParserTests
{
    private const int Slice = 600;

    public static TheoryData<string> Parsers =>
        [.. Parser.All.Select(parser => parser.Name).Where(name => Variable("ONLY", name) == name)];

    [Theory]
    [MemberData(nameof(Parsers))]
    public void Parser_OfMutants_AcceptsOrRefusesInOneSentence(string name)
    {
        using var fuzzer = new Fuzzer(
            Parser.All.Single(parser => parser.Name == name), ulong.Parse(Variable("SEED", "1"), Culture));
        var figures = fuzzer.Run(int.Parse(Variable("INPUTS", $"{Slice}"), Culture));
        if (Variable("FIGURES", "") is { Length: > 0 } file)
        {
            File.AppendAllText(file, string.Create(
                Culture, $"{figures.Parser,-24}{figures.Inputs,10}{figures.Accepted,10}{figures.Refused,10}"
                + $"{figures.Defects,10}{figures.Seconds,10:0.0}\n"));
        }

        Assert.True(figures.Examples.Length == 0, string.Join("\n\n", figures.Examples));
    }

    private static CultureInfo Culture => CultureInfo.InvariantCulture;

    private static string Variable(string name, string otherwise) =>
        Environment.GetEnvironmentVariable($"COMIGS_FUZZ_{name}") is { Length: > 0 } value ? value : otherwise;
}
