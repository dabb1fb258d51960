using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using CoMiGS.Grains.Faults;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning;
using CoMiGS.Learning.Methods;
using CoMiGS.Results.RunFiles;
using Binder = CoMiGS.Results.RunFiles.Binder;

namespace CoMiGS.Driver.Tests;

/// <summary>Goal: RUNFILE.md says of every key, method and kind of fault what the program does. Method: its tables
/// against the records that the reader fills, its examples through the reader.</summary>
public sealed partial class RunFileDocumentTests : IDisposable
{
    private static readonly string Text = File.ReadAllText(Repository.At("RUNFILE.md"));

    /// <summary>Rows without their head, by the heading above them.</summary>
    private static readonly ILookup<string, Row> Tables = RowsOf(Text).ToLookup(row => row.Heading);

    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Keys_OfEverySection_AreThoseThatTheReaderKnows()
    {
        var known = Sections.SelectMany(section =>
            Binder.Keys(section.Start.GetType()).Select(key => $"{section.Heading}: {Binder.KeyOf(key)}"))
            .Append($"{TopHeading}: methods");
        var documented = Tables.Where(table => table.Key is not (MethodsHeading or KindsHeading))
            .SelectMany(table => table).Select(row => $"{row.Heading}: {row.Name}");

        Assert.Equal(known.Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Defaults_AreThoseOfTheRecords() => Assert.Equal(
        from key in Keys
        select $"{key.Name} is {SimpleText(key.Property.GetValue(key.Start)) ?? "no simple value"}",
        from key in Keys
        select $"{key.Name} is {DefaultIn(key.Row.Cells[1], key.Property.PropertyType) ?? "no simple value"}");

    [Fact]
    public void Ranges_AreThoseOfTheRecords()
    {
        var ranges = (
            from key in Keys
            let range = key.Property.GetCustomAttribute<RangeAttribute>()
            where range is not null
            select (key.Name, key.Row, Range: (Number(range.Minimum), Number(range.Maximum)))).ToArray();

        Assert.NotEmpty(ranges);
        Assert.Equal(
            ranges.Select(key => $"{key.Name} is from {key.Range.Item1} to {key.Range.Item2}"),
            ranges.Select(key => $"{key.Name} is from {RangeIn(key.Row.Cells[2])}"));
    }

    [Fact]
    public void Choices_AreAllNamed() => Assert.All(
        Keys.Where(key => key.Property.PropertyType.IsEnum),
        key => Assert.Equal(
            Enum.GetNames(key.Property.PropertyType).Select(Binder.Camel).Order(StringComparer.Ordinal),
            Code().Matches(key.Row.Cells[2]).Select(word => word.Groups[1].Value).Order(StringComparer.Ordinal)));

    [Fact]
    public void Methods_AreThoseOfTheCatalogue() => Assert.Equal(
        MethodCatalog.All.Select(method =>
            $"`{method.Name}` | {ExpertsOf(method)} | {RanksOf(method)} | {method.Summary}"),
        Tables[MethodsHeading].Select(row => string.Join(" | ", row.Cells)));

    [Fact]
    public void Faults_AreAllKindsThereAre() => Assert.Equal(
        Enum.GetValues<FaultKind>().Select(kind => kind.Name()), Tables[KindsHeading].Select(row => row.Name));

    [Fact]
    public void Faults_Examples_HaveWhatTheirKindNeeds() => Assert.All(Tables[KindsHeading], row =>
    {
        var rule = Assert.Single(Example($"faults=[{Code().Match(row.Cells[3]).Groups[1].Value}]").Faults);
        object?[] given = [rule.Factor, rule.Seconds, rule.Silo];
        string[] names = ["`factor`", "`seconds`", "`silo`"];

        Assert.Equal(row.Name, rule.Kind!.Value.Name());
        Assert.Equal(
            names.Where((_, i) => given[i] is not null).DefaultIfEmpty("nothing").Single(), row.Cells[1]);
    });

    [Fact]
    public async Task Example_AtTheTop_CanBeRun()
    {
        Example();
        var answer = await Workspace.RunAsync(
            ["plan", workspace.At("mine.yaml"), .. InTheRepository.SelectMany(setting => new[] { "--set", setting })]);

        Assert.Equal((0, ""), (answer.ExitCode, answer.Error));
    }

    private const string TopHeading = "Keys of the file", MethodsHeading = "Methods", KindsHeading = "Kinds of faults";

    /// <summary>Every record that the reader fills, and the heading of its table: the dotted key as code.</summary>
    private static IEnumerable<(string Heading, object Start)> Sections =>
        SectionsOf("", new RunFile()).Append(("`methods`", new MethodSettings()));

    /// <summary>Those of a method are the file's, whatever the record says.</summary>
    private static IEnumerable<(string Name, PropertyInfo Property, object Start, Row Row)> Keys =>
        from section in Sections
        where section.Start is not MethodSettings
        from property in Binder.Keys(section.Start.GetType())
        let name = Binder.KeyOf(property)
        let row = Tables[section.Heading].FirstOrDefault(row => row.Name == name)
        where row is not null
        select ($"{section.Heading}: {name}", property, section.Start, row);

    private static string[] InTheRepository =>
        [$"base={Repository.At("data/base")}", $"data.folder={Repository.At("data/languages")}"];

    private static IEnumerable<(string Heading, object Start)> SectionsOf(string path, object start) =>
    [
        (path.Length == 0 ? TopHeading : $"`{path}`", start),
        .. from property in Binder.Keys(start.GetType())
           let type = property.PropertyType
           let item = type.IsGenericType ? type.GenericTypeArguments[^1] : type   // of a list, of named sections
           where Binder.IsSection(item)
           from section in SectionsOf(
               (path.Length == 0 ? "" : $"{path}.") + Binder.KeyOf(property), Activator.CreateInstance(item)!)
           select section,
    ];

    /// <summary>Null: a section, a list of rules, or nothing.</summary>
    private static string? SimpleText(object? value) => value switch
    {
        null or "" or ImmutableArray<string> { IsEmpty: true } => null,
        string text => text,
        bool flag => flag ? "true" : "false",
        Enum choice => Binder.Camel(choice.ToString()),
        ImmutableArray<string> words => $"[{string.Join(", ", words)}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>A cell that is code and nothing else; 1e-2 is 0.01.</summary>
    private static string? DefaultIn(string cell, Type type) => Code().Match(cell) is { } code && code.Value == cell
        && code.Groups[1].Value is var text
        ? type == typeof(double) ? SimpleText(double.Parse(text, CultureInfo.InvariantCulture)) : text
        : null;

    private static string RangeIn(string cell) => FromTo().Match(cell) is { Success: true } range
        ? $"{Number(range.Groups[1].Value)} to {Number(range.Groups[2].Value)}"
        : "nowhere";

    /// <param name="value">A number, or text such as 1,000 or −1e9.</param>
    private static string Number(object value) => double.Parse(
        Convert.ToString(value, CultureInfo.InvariantCulture)!.Replace('−', '-'),
        NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture)
        .ToString(CultureInfo.InvariantCulture);

    private static string ExpertsOf(Method method) => method.Experts switch
    {
        ExpertCounts.Two => "2",
        ExpertCounts.Same => "`experts.count`",
        ExpertCounts.PerUser => "each user's own",
        ExpertCounts.Merged => "1, of all its experts' rank",
        _ => throw new ArgumentOutOfRangeException(nameof(method), method.Experts, "Has no words yet."),
    };

    private string RanksOf(Method method)
    {
        var (products, median) = (MixesRanks("averages: products"), MixesRanks("combine: median"));
        return MixesRanks("averages: factors") ? "yes"
            : !products && !median ? "no"
            : "with " + string.Join(" or ", new[] { products ? "products" : "", median ? "median" : "" }
                .Where(word => word.Length > 0));

        bool MixesRanks(string aggregation)
        {
            try
            {
                Arms.Of(
                    RunFileReader.Read(workspace.RunFile,
                    [
                        $"method={method.Name}", "baselines=[]", "users=[{ id: a, mlpRank: 3 }, b]",
                        $"aggregation={{ {aggregation} }}",
                    ]),
                    "/out");
                return true;
            }
            catch (BadInputException)
            {
                return false;
            }
        }
    }

    /// <summary>The document's example, with its devices, as far as it can be checked without opening shards.</summary>
    private RunFile Example(params string[] settings)
    {
        var blocks = YamlBlock().Matches(Text).Select(block => block.Groups[1].Value);
        File.WriteAllText(workspace.At("mine.yaml"), string.Concat(blocks));
        var file = RunFileReader.Read(workspace.At("mine.yaml"), [.. InTheRepository, .. settings]);
        Assert.NotEmpty(Arms.Of(file, "/out"));
        return file;
    }

    private static IEnumerable<Row> RowsOf(string text)
    {
        var heading = "";
        foreach (var line in text.Split('\n'))
        {
            heading = line.StartsWith("## ", StringComparison.Ordinal) ? line[3..] : heading;
            if (line.StartsWith("| `", StringComparison.Ordinal))
            {
                yield return new(heading, line.Trim('|', ' ').Split(" | "));
            }
        }
    }

    private sealed record Row(string Heading, string[] Cells)
    {
        public string Name => Cells[0].Trim('`');
    }

    [GeneratedRegex("`([^`]*)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?<![\w.])([−\d][\d.,e-]*) to (\d[\d.,e-]*)")]
    private static partial Regex FromTo();

    [GeneratedRegex(@"```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex YamlBlock();
}
