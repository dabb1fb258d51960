using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Replay;

/// <summary>The configuration of a recorded run: its run.json, checked.</summary>
public sealed record RecordedRun(
    string Name, ModelShape Model, IReadOnlyList<AdapterShape> Users, Sharing Sharing, AggregationRule Aggregation,
    IReadOnlyList<double> Weights, int Rounds, LocalPlan Plan)
{
    private const int RoundsMax = 10_000, StepsMax = 100_000, ExpertsMax = 8, RankMax = 1024, UsersMax = 256;

    /// <exception cref="BadInputException">A key is missing, has another type, or a value that cannot be
    /// replayed.</exception>
    public static RecordedRun Read(string path)
    {
        var json = new RecordedJson(JsonField.Read(path));
        var model = BaseCheckpointReader.ReadShape(path, json.Section("model").Integer);
        var users = ReadUsers(json, path);
        var plan = ReadPlan(json, path);
        if (plan.SequenceLength > model.PositionCount)
        {
            throw new BadInputException(
                $"{path}: 'sequence_length' is {plan.SequenceLength}, "
                + $"but 'model.n_positions' is {model.PositionCount}.");
        }

        var (sharing, aggregation) = (ReadSharing(json, path), ReadAggregation(json, path));
        var lengths = users.Distinct()
            .Select(user => new SharedParameters(ParameterLayout.Of(model, user), sharing).Length).Distinct();
        return lengths.Count() == 1 || aggregation is AggregationRule.ZeroPad or AggregationRule.Product
            ? new(
                json.Text("name"), model, users, sharing, aggregation, ReadWeights(json, path, users.Length),
                json.Integer("rounds", 1, RoundsMax), plan)
            : throw new BadInputException(
                $"{path}: 'collaboration' is '{json.Text("collaboration")}', "
                + "but the users' shared adapters differ in size.");
    }

    private static AdapterShape[] ReadUsers(RecordedJson json, string path)
    {
        var experts = json.Integers("expert_count", 1, ExpertsMax);
        var ranks = json.Integers("mlp_lora_rank", 1, RankMax);
        var users = json.Integer("users", 1, UsersMax);
        if (experts.Length != users || ranks.Length != users)
        {
            throw new BadInputException(
                $"{path}: 'expert_count' has {experts.Length} entries and 'mlp_lora_rank' {ranks.Length}, "
                + $"but 'users' is {users}.");
        }

        var attentionRank = json.Integer("attention_lora_rank", 1, RankMax);
        var (alpha, topK, hasRouter) =
            ((float)json.Number("lora_alpha"), json.Integer("top_k", 1, ExpertsMax), !json.Flag("no_router"));
        return [.. experts.Zip(ranks, (n, rank) => new AdapterShape(n, rank, attentionRank, alpha, topK, hasRouter))];
    }

    private static LocalPlan ReadPlan(RecordedJson json, string path)
    {
        var (rounds, localSteps) = (json.Integer("rounds", 1, RoundsMax), json.Integer("local_steps", 1, StepsMax));
        var rate = json.Number("learning_rate");
        var betas = json.Numbers("adam_betas");
        return betas.Length != 2
            ? throw new BadInputException($"{path}: 'adam_betas' has {betas.Length} entries, but must have 2.")
            : new()
            {
                StepCount = localSteps,
                FirstStep = 0,
                MicroBatch = json.Integer("micro_batch_size", 1, 4096),
                Accumulation = json.Integer("accumulation_steps", 1, 1024),
                SequenceLength = json.Integer("sequence_length", 1, 65_536),
                ExpertRate = new(rate, json.Number("minimum_learning_rate"), rounds * localSteps),
                RouterRate = (float)rate,
                Router = ReadRouterMode(json, path),
                RouterEvery = json.Integer("router_update_every", 1, int.MaxValue),
                RouterIterations = json.Integer("router_update_iterations", 0, StepsMax),
                AdamW = new(betas[0], betas[1], json.Number("adam_epsilon"), json.Number("weight_decay")),
                BalanceWeight = (float)json.Number("load_balancing_lambda"),
                FreezesA = ReadFreezesA(json, path),
                Pruning = ReadPruning(json),
            };
    }

    private static bool ReadFreezesA(RecordedJson json, string path) => json.TextOr("trained", "A and B") switch
    {
        "A and B" => false,
        "B" => true,
        var other => throw new BadInputException($"{path}: 'trained' is '{other}', but must be B or be left out."),
    };

    private static RankPruning? ReadPruning(RecordedJson json) =>
        json.SectionOrNull("prune") is { } prune ? new(prune.Number("factor"), prune.Number("weight")) : null;

    private static RouterMode ReadRouterMode(RecordedJson json, string path)
    {
        if (!json.Flag("alternating"))
        {
            return json.Flag("no_router") ? RouterMode.None : RouterMode.Joint;
        }

        return json.Text("router_split") switch
        {
            "valid" => RouterMode.AlternatingOnValid,
            "train" => RouterMode.AlternatingOnTrain,
            var other =>
                throw new BadInputException($"{path}: 'router_split' is '{other}', but must be valid or train."),
        };
    }

    private static Sharing ReadSharing(RecordedJson json, string path)
    {
        return json.Text("collaboration") switch
        {
            "expert_0" => Sharing.Generalist,
            "experts" => Sharing.Adapters,
            "A" => Sharing.FactorA,
            "B" => Sharing.FactorB,
            "all" => Sharing.Everything,
            "none" => Sharing.Nothing,
            var other => throw new BadInputException(
                $"{path}: 'collaboration' is '{other}', but must be expert_0, experts, A, B, all or none."),
        };
    }

    private static AggregationRule ReadAggregation(RecordedJson json, string path) =>
        json.TextOr("aggregation", "default") switch
        {
            "default" or "mean" => AggregationRule.Mean,
            "zero-pad" => AggregationRule.ZeroPad,
            "product" => AggregationRule.Product,
            var other => throw new BadInputException(
                $"{path}: 'aggregation' is '{other}', but must be mean, zero-pad or product."),
        };

    private static double[] ReadWeights(RecordedJson json, string path, int users)
    {
        var weights = json.NumbersOr("weights", [.. Enumerable.Repeat(1.0, users)]);
        return weights.Length == users && weights.All(weight => weight is > 0 and <= 1)
            ? weights
            : throw new BadInputException(
                $"{path}: 'weights' is {string.Join(", ", weights)}, but must be {users} numbers above 0 and at most "
                + "1.");
    }
}
