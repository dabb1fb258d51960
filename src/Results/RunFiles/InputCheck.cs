using System.Collections.Immutable;
using CoMiGS.Learning;
using CoMiGS.Learning.Data;
using CoMiGS.Learning.Model;

namespace CoMiGS.Results.RunFiles;

/// <summary>Opens every file that a run will read, before anything starts.</summary>
internal static class InputCheck
{
    /// <returns>The base's sizes, and the tokens of every train shard without its holdout, by user.</returns>
    /// <exception cref="BadInputException">The first file that cannot be used, or is too short for the run.</exception>
    public static Inputs Check(RunFile file, ImmutableArray<Arm> arms)
    {
        RequireFolder(file, "base", file.Base);
        RequireFolder(file, "data.folder", file.Data.Folder);
        Checksums.Verify(file.Base);
        Checksums.Verify(file.Data.Folder);
        var shape = BaseCheckpointReader.ReadFolder(file.Base).Shape;
        var tokenizerPath = Path.Combine(file.Base, "tokenizer.json");
        var vocabulary = Tokenizer.Load(tokenizerPath).VocabularySize;
        if (vocabulary > shape.VocabularySize)
        {
            throw new BadInputException(
                $"{tokenizerPath} has {vocabulary} tokens, but the base model has rows for {shape.VocabularySize}.");
        }

        CheckHashes(file);
        var lengths = new Dictionary<string, long>();
        foreach (var arm in arms)
        {
            var window = arm.Spec.Training.SequenceLength;
            if (window > shape.PositionCount)
            {
                throw new BadInputException(
                    $"{file.Source}: 'training.sequenceLength' of {arm.Method.Name} is {window}, but the base model "
                    + $"has {shape.PositionCount} positions.");
            }

            var steps = arm.Spec.Users.Max(user => user.LocalSteps);
            if ((long)file.Rounds * steps > int.MaxValue)
            {
                throw new BadInputException(
                    $"{file.Source}: 'rounds' {file.Rounds} times 'training.localSteps' {steps} of {arm.Method.Name} "
                    + $"is more than {int.MaxValue} steps.");
            }

            CheckShards(arm, vocabulary, lengths);
        }

        return new(shape, arms[0].Spec.Users.ToImmutableSortedDictionary(
            user => user.Id,
            user => user.Train.Sum(text => Holdout.TrainTokens(lengths[text.Shard], user.Holdout, text.Share))));
    }

    private static void RequireFolder(RunFile file, string key, string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new BadInputException($"{file.Source}: '{key}' is '{folder}', but there is no such folder.");
        }
    }

    /// <summary>A folder with a manifest says what its shards must be, byte for byte.</summary>
    private static void CheckHashes(RunFile file)
    {
        if (!File.Exists(Path.Combine(file.Data.Folder, Dataset.ManifestName)))
        {
            return;
        }

        var dataset = Dataset.Open(file.Data.Folder);
        foreach (var folder in Population.Folders(file))
        {
            foreach (var split in Enum.GetValues<Split>())
            {
                dataset.OpenShard(folder, split);
            }
        }
    }

    private static void CheckShards(Arm arm, int vocabulary, Dictionary<string, long> lengths)
    {
        var window = arm.Spec.Training.SequenceLength + 1;
        foreach (var user in arm.Spec.Users)
        {
            foreach (var text in user.Train)
            {
                var which = (user.Holdout > 0 ? " outside its holdout" : "")
                    + (text.Share < 1 ? FormattableString.Invariant($" in its share of {text.Share}") : "");
                Require(text.Shard, Holdout.TrainTokens(Length(text.Shard), user.Holdout, text.Share), window, which);
            }

            foreach (var shard in user.Valid)
            {
                Require(shard, Length(shard), window, "");
            }

            foreach (var (target, shard) in user.Targets.SelectMany(target => target.Shards.Select(s => (target, s))))
            {
                var length = Length(shard);
                var tokens = target.IsHoldout ? length - Holdout.Start(length, user.Holdout) : length;
                Require(shard, tokens, 2, target.IsHoldout ? " held out" : "");
            }
        }

        long Length(string path)
        {
            if (!lengths.TryGetValue(path, out var length))
            {
                lengths[path] = length = TokenStream.Open(path, vocabulary).Length;
            }

            return length;
        }
    }

    private static void Require(string path, long tokens, int least, string which)
    {
        if (tokens < least)
        {
            throw new BadInputException($"{path} has {tokens} tokens{which}, but this run needs at least {least}.");
        }
    }
}

/// <summary>What the files of a run say about its size.</summary>
internal sealed record Inputs(ModelShape Model, ImmutableSortedDictionary<string, long> TrainTokens);
