using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using CoMiGS.Learning;

namespace CoMiGS.Driver.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class CommonOptions
{
    private const string Json = "json";

    public static Argument<string> RunFile() => new("FILE") { Description = "The run file, YAML." };

    public static Argument<string> Results() => new("RESULTS") { Description = "The folder with the run's results." };

    public static Option<string[]> Set() => new("--set")
    {
        Description = "Laid over the run file; dotted keys reach into sections; may be repeated.",
        HelpName = "KEY=VALUE",
    };

    public static Option<string?> Out() => new("--out")
    {
        Description = "Folder of the results; results/NAME otherwise.",
        HelpName = "DIR",
    };

    /// <summary>Of commands that make several results.</summary>
    public static Option<string?> Root() => new("--out")
    {
        Description = "Folder of all results; results otherwise.",
        HelpName = "DIR",
    };

    public static Option<string?> Seeds() => new("--seeds")
    {
        Description = "Seeds to run the run files with, e.g. 42,45,47; each file's own otherwise.",
        HelpName = "N,N…",
    };

    /// <exception cref="BadInputException">Not a list of different whole numbers.</exception>
    public static ImmutableArray<ulong> SeedsOf(string? text)
    {
        if (text is null)
        {
            return [];
        }

        var seeds = text.Split(',').Select(word =>
            ulong.TryParse(word.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
                ? seed
                : throw new BadInputException(
                    $"--seeds is '{text}', but must be whole numbers from 0, separated by commas.")).ToImmutableArray();
        return seeds.Distinct().Count() == seeds.Length
            ? seeds
            : throw new BadInputException($"--seeds is '{text}', but a seed must stand there once.");
    }

    public static Option<int> Threads() =>
        Count("--threads", "Trainer threads; one a core otherwise.", Environment.ProcessorCount);

    public const int LastPort = 65_535;

    /// <summary>Whole and at least 1.</summary>
    public static Option<int> Count(string name, string description, int otherwise, int most = 1024)
    {
        var option =
            new Option<int>(name) { Description = description, DefaultValueFactory = _ => otherwise, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1
                && !(int.TryParse(result.Tokens[0].Value, out var count) && count > 0 && count <= most))
            {
                result.AddError($"{name} is '{result.Tokens[0].Value}', but must be a whole number from 1 to {most}.");
            }
        });
        return option;
    }

    public static Option<string> Format()
    {
        var option = new Option<string>("--format")
        {
            Description = "text or json.",
            HelpName = "FORMAT",
            DefaultValueFactory = _ => "text",
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: not ("text" or Json) and var format }])
            {
                result.AddError($"--format is '{format}', but must be text or json.");
            }
        });
        return option;
    }

    public static bool IsJson(this ParseResult parsed, Option<string> format) => parsed.GetValue(format) == Json;
}
