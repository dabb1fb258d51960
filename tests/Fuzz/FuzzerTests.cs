using CoMiGS.Learning;

namespace CoMiGS.Fuzz;

/// <summary>Goal: a parser that does what no parser may is found out. Method: parsers that do it.</summary>
public sealed class FuzzerTests
{
    private static readonly ManualResetEventSlim Never = new();

    [Theory]
    [InlineData("accepts", null)]
    [InlineData("refuses", null)]
    [InlineData("throws", "NotSupportedException")]
    [InlineData("keeps the file to itself", "a message without the file: It is wrong.")]
    [InlineData("allocates", "bytes allocated for")]
    [InlineData("hangs", "is not read after 0.5 s.")]
    public void Run_ParserThat_IsFoundOut(string does, string? example)
    {
        var parser = new Fake(does);
        using var fuzzer = new Fuzzer(parser, seed: 1, TimeSpan.FromSeconds(0.5));

        var figures = fuzzer.Run(mutants: 20);

        Assert.Equal(example is not null, figures.Examples.Any(found => found.Contains(example ?? "")));
        Assert.Equal(example is not null, figures.Defects > 0);
        Assert.True(example is not null || figures.Inputs == 21);
    }

    [Fact]
    public void Run_ParserThatRefusesItsOwnSeed_IsFoundOut()
    {
        using var fuzzer = new Fuzzer(new Fake("refuses all"), seed: 1);
        Assert.Equal(["a seed is refused."], fuzzer.Run(mutants: 1).Examples);
    }

    [Theory]
    [MemberData(nameof(ParserTests.Parsers), MemberType = typeof(ParserTests))]
    public void Mutants_SameSeedAndNumber_AreTheSame(string name)
    {
        var parser = Parser.All.Single(parser => parser.Name == name);
        var (one, other, another) = (new Mutator(parser, 1), new Mutator(parser, 1), new Mutator(parser, 2));
        var numbers = Enumerable.Range(0, 50).ToArray();

        Assert.All(numbers, number => Assert.Equal(one.Mutant(number), other.Mutant(number)));
        Assert.Contains(numbers, number => !one.Mutant(number).SequenceEqual(another.Mutant(number)));
    }

    private sealed class Fake(string does) : Parser("fake.txt", "word")
    {
        public override IReadOnlyList<byte[]> Seeds { get; } = [Text("seed 7")];

        public override void Read(string path)
        {
            var isSeed = File.ReadAllBytes(path).SequenceEqual(Seeds[0]);
            switch (does)
            {
                case "refuses" when !isSeed:
                case "refuses all":
                    throw new BadInputException($"{path} is wrong.");
                case "throws":
                    throw new NotSupportedException();
                case "keeps the file to itself":
                    throw new BadInputException("It is wrong.");
                case "allocates":
                    GC.KeepAlive(new byte[8 << 20]);
                    break;
                case "hangs" when !isSeed:
                    Never.Wait();
                    break;
            }
        }
    }
}
