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
        var json = JsonField.Read(path);
        var model = BaseCheckpointReader.ReadShape(json["model"]);
        var users = ReadUsers(json);
        var plan = ReadPlan(json);
        if (plan.SequenceLength > model.PositionCount)
        {
            throw new BadInputException(
                $"{json.File}: 'sequence_length' is {plan.SequenceLength}, "
                + $"but 'model.n_positions' is {model.PositionCount}.");
        }

        var (sharing, aggregation) = (ReadSharing(json), ReadAggregation(json));
        var lengths = users.Distinct()
            .Select(user => new SharedParameters(ParameterLayout.Of(model, user), sharing).Length).Distinct();
        return lengths.Count() == 1 || aggregation is AggregationRule.ZeroPad or AggregationRule.Product
            ? new(
                json["name"].Text(), model, users, sharing, aggregation, ReadWeights(json, users.Length),
                json["rounds"].Whole(1, RoundsMax), plan)
            : throw new BadInputException(
                $"{json.File}: 'collaboration' is '{json["collaboration"].Text()}', "
                + "but the users' shared adapters differ in size.");
    }

    private static AdapterShape[] ReadUsers(JsonField json)
    {
        var experts = json["expert_count"].Wholes(1, ExpertsMax);
        var ranks = json["mlp_lora_rank"].Wholes(1, RankMax);
        var users = json["users"].Whole(1, UsersMax);
        if (experts.Length != users || ranks.Length != users)
        {
            throw new BadInputException(
                $"{json.File}: 'expert_count' has {experts.Length} entries and 'mlp_lora_rank' {ranks.Length}, "
                + $"but 'users' is {users}.");
        }

        var attentionRank = json["attention_lora_rank"].Whole(1, RankMax);
        var (alpha, topK, hasRouter) =
            ((float)json["lora_alpha"].Number(), json["top_k"].Whole(1, ExpertsMax), !json["no_router"].Flag());
        return [.. experts.Zip(ranks, (n, rank) => new AdapterShape(n, rank, attentionRank, alpha, topK, hasRouter))];
    }

    private static LocalPlan ReadPlan(JsonField json)
    {
        var (rounds, localSteps) = (json["rounds"].Whole(1, RoundsMax), json["local_steps"].Whole(1, StepsMax));
        var rate = json["learning_rate"].Number();
        var betas = json["adam_betas"].Numbers();
        return betas.Length != 2
            ? throw new BadInputException($"{json.File}: 'adam_betas' has {betas.Length} entries, but must have 2.")
            : new()
            {
                StepCount = localSteps,
                FirstStep = 0,
                MicroBatch = json["micro_batch_size"].Whole(1, 4096),
                Accumulation = json["accumulation_steps"].Whole(1, 1024),
                SequenceLength = json["sequence_length"].Whole(1, 65_536),
                ExpertRate = new(rate, json["minimum_learning_rate"].Number(), rounds * localSteps),
                RouterRate = (float)rate,
                Router = ReadRouterMode(json),
                RouterEvery = json["router_update_every"].Whole(1, int.MaxValue),
                RouterIterations = json["router_update_iterations"].Whole(0, StepsMax),
                AdamW = new(betas[0], betas[1], json["adam_epsilon"].Number(), json["weight_decay"].Number()),
                BalanceWeight = (float)json["load_balancing_lambda"].Number(),
                FreezesA = ReadFreezesA(json),
                Pruning = ReadPruning(json),
            };
    }

    private static bool ReadFreezesA(JsonField json) => (json.Find("trained")?.Text() ?? "A and B") switch
    {
        "A and B" => false,
        "B" => true,
        var other => throw new BadInputException($"{json.File}: 'trained' is '{other}', but must be B or be left out."),
    };

    private static RankPruning? ReadPruning(JsonField json) =>
        json.Find("prune") is { } prune ? new(prune["factor"].Number(), prune["weight"].Number()) : null;

    private static RouterMode ReadRouterMode(JsonField json)
    {
        if (!json["alternating"].Flag())
        {
            return json["no_router"].Flag() ? RouterMode.None : RouterMode.Joint;
        }

        return json["router_split"].Text() switch
        {
            "valid" => RouterMode.AlternatingOnValid,
            "train" => RouterMode.AlternatingOnTrain,
            var other =>
                throw new BadInputException($"{json.File}: 'router_split' is '{other}', but must be valid or train."),
        };
    }

    private static Sharing ReadSharing(JsonField json)
    {
        return json["collaboration"].Text() switch
        {
            "expert_0" => Sharing.Generalist,
            "experts" => Sharing.Adapters,
            "A" => Sharing.FactorA,
            "B" => Sharing.FactorB,
            "all" => Sharing.Everything,
            "none" => Sharing.Nothing,
            var other => throw new BadInputException(
                $"{json.File}: 'collaboration' is '{other}', but must be expert_0, experts, A, B, all or none."),
        };
    }

    private static AggregationRule ReadAggregation(JsonField json) =>
        (json.Find("aggregation")?.Text() ?? "default") switch
        {
            "default" or "mean" => AggregationRule.Mean,
            "zero-pad" => AggregationRule.ZeroPad,
            "product" => AggregationRule.Product,
            var other => throw new BadInputException(
                $"{json.File}: 'aggregation' is '{other}', but must be mean, zero-pad or product."),
        };

    private static double[] ReadWeights(JsonField json, int users)
    {
        var weights = json.Find("weights")?.Numbers() ?? [.. Enumerable.Repeat(1.0, users)];
        return weights.Length == users && weights.All(weight => weight is > 0 and <= 1)
            ? weights
            : throw new BadInputException(
                $"{json.File}: 'weights' is {string.Join(", ", weights)}, but must be {users} numbers above 0 and at "
                + "most 1.");
    }
}
