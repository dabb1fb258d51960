using System.CommandLine;
using System.Globalization;
using CoMiGS.Results.RunFiles;
using CoMiGS.Learning;
using CoMiGS.Learning.Data.Partitioning;

namespace CoMiGS.Driver.Commands;

/// <summary>What data partition is asked to do.</summary>
internal sealed class PartitionArguments
{
    private const string ByLabel = "label";
    private const string ByUser = "user";
    private const string Dirichlet = "dirichlet";
    private const string BySize = "size";
    private const int MostUsers = 100_000;

    private static readonly string[] Rules = [ByLabel, ByUser, Dirichlet, BySize];
    private static readonly FieldNames Names = new();

    private readonly Argument<string[]> inputs = new("INPUT")
    {
        Description = "A .jsonl, .csv or .tsv file, a text whose documents are separated by a line that is one form "
            + "feed (its name is their label), or a folder with LABEL.txt or LABEL/NAME.txt.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> tokenizer = Word("--tokenizer", "FILE", "The tokenizer.json of the base model.");
    private readonly Option<string> folder = Word("--out", "DIR", "The folder to write, new or empty.");
    private readonly Option<string> by = Word("--by", "RULE",
        "label: a user for each; user: whoever wrote it; dirichlet: users with different mixtures of labels; size: "
        + "users with the same mixture and different amounts.");

    private readonly Option<int> users = CommonOptions.Count("--users", "dirichlet, size: how many.", 4, MostUsers);
    private readonly Option<double> alpha = Number(
        "--alpha", "dirichlet: 100 makes all users much the same, 0.1 very different.", 0.5, least: 1e-6, most: 1e6);

    private readonly Option<string> law = Word(
        "--law", "LAW", "size: power (user k's share is ∝ k^-spread) or lognormal.", "power");

    private readonly Option<double> spread = Number(
        "--spread", "size: exponent, or deviation of the logarithms; 0: all the same.", 1, least: 0, most: 20);

    private readonly Option<string> textField = Word("--text-field", "NAME", "Key or column of the text.", Names.Text);
    private readonly Option<string> labelField = Word("--label-field", "NAME", "… of the label.", Names.Label);
    private readonly Option<string> userField = Word("--user-field", "NAME", "… of whoever wrote it.", Names.User);
    private readonly Option<string> split = Word(
        "--split", "A:B:C", "Train, valid and test of every user's tokens.", "80:10:10");

    private readonly Option<ulong> seed =
        new("--seed") { Description = "Of every choice.", HelpName = "N", DefaultValueFactory = _ => 1 };

    private readonly Option<int> minTokens = CommonOptions.Count(
        "--min-tokens", "Fewest tokens of a shard.", 256, int.MaxValue);

    private readonly Option<string> smallUsers = Word(
        "--small-users", "WHAT", "With fewer: refuse, or drop them and write the others.", "refuse");

    public void AddTo(Command command)
    {
        command.Add(inputs);
        foreach (var option in new Option[]
        {
            tokenizer, folder, by, users, alpha, law, spread, textField, labelField, userField, split, seed, minTokens,
            smallUsers,
        })
        {
            command.Add(option);
        }
    }

    /// <exception cref="BadInputException">A word that is not known, an option that the rule has no use for, a folder
    /// that has something in it.</exception>
    public PartitionJob Require(ParseResult parsed)
    {
        var rule = Known(parsed, by, Rules);
        RefuseUseless(parsed, rule, users, Dirichlet, BySize);
        RefuseUseless(parsed, rule, alpha, Dirichlet);
        RefuseUseless(parsed, rule, law, BySize);
        RefuseUseless(parsed, rule, spread, BySize);
        var target = parsed.GetValue(folder)!;
        if (File.Exists(target) || (Directory.Exists(target) && Directory.EnumerateFileSystemEntries(target).Any()))
        {
            throw new BadInputException($"--out is '{target}', but must be a folder that is new or empty.");
        }

        return new(
            parsed.GetValue(inputs)!,
            new(parsed.GetValue(textField)!, parsed.GetValue(labelField)!, parsed.GetValue(userField)!),
            parsed.GetValue(tokenizer)!,
            target,
            rule,
            new()
            {
                Partitioner = PartitionerOf(rule, parsed),
                Fractions = SplitFractions.Parse(parsed.GetValue(split)!) ?? throw new BadInputException(
                    $"--split is '{parsed.GetValue(split)}', but must be three numbers above 0, such as 80:10:10."),
                Seed = parsed.GetValue(seed),
                MinTokens = parsed.GetValue(minTokens),
                SmallUsers = OneOf<SmallUsers>(parsed, smallUsers),
            });
    }

    private IPartitioner PartitionerOf(string rule, ParseResult parsed) => rule switch
    {
        ByLabel => FieldPartitioner.ByLabel,
        ByUser => FieldPartitioner.ByUser,
        Dirichlet => new DirichletPartitioner(parsed.GetValue(users), parsed.GetValue(alpha), parsed.GetValue(seed)),
        _ => new SizePartitioner(
            parsed.GetValue(users), OneOf<SizeLaw>(parsed, law), parsed.GetValue(spread), parsed.GetValue(seed)),
    };

    private static void RefuseUseless(ParseResult parsed, string rule, Option option, params string[] rules)
    {
        if (parsed.GetResult(option) is { Implicit: false } && !rules.Contains(rule))
        {
            throw new BadInputException($"{option.Name} has no meaning with --by {rule}, but with {Listed(rules)}.");
        }
    }

    private static T OneOf<T>(ParseResult parsed, Option<string> option)
        where T : struct, Enum =>
        Enum.Parse<T>(Known(parsed, option, [.. Enum.GetNames<T>().Select(name => name.ToLowerInvariant())]), true);

    private static string Known(ParseResult parsed, Option<string> option, string[] words)
    {
        var word = parsed.GetValue(option)!;
        return words.Contains(word)
            ? word
            : throw new BadInputException(
                $"{option.Name} is '{word}', but must be {Listed(words)}; did you mean '{Nearest.Of(word, words)}'?");
    }

    private static string Listed(string[] words) =>
        words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";

    private static Option<string> Word(string name, string help, string description, string? otherwise = null)
    {
        var option =
            new Option<string>(name) { Description = description, HelpName = help, Required = otherwise is null };
        if (otherwise is not null)
        {
            option.DefaultValueFactory = _ => otherwise;
        }

        return option;
    }

    private static Option<double> Number(string name, string description, double otherwise, double least, double most)
    {
        var option = new Option<double>(name)
        {
            Description = description,
            HelpName = "X",
            DefaultValueFactory = _ => otherwise,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token]
                && !(double.TryParse(token.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    && number >= least && number <= most))
            {
                result.AddError(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name} is '{token.Value}', but must be a number from {least} to {most}."));
            }
        });
        return option;
    }
}

/// <summary>What was asked for.</summary>
internal sealed record PartitionJob(
    string[] Inputs, FieldNames Fields, string Tokenizer, string Folder, string Rule, PartitionOptions Options);
