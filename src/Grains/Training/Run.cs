using System.Collections.Concurrent;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Training;

/// <summary>A run's spec with everything that follows from it: what a silo works out once.</summary>
public sealed class Run
{
    private readonly Dictionary<string, UserSpec> users;
    private readonly ConcurrentDictionary<AdapterShape, SharedParameters> shared = [];
    private readonly ConcurrentDictionary<SharedParameters, ProductProbe> probes = [];

    public Run(RunSpec spec, ITrainer trainer)
    {
        Spec = spec;
        Trainer = trainer;
        Method = MethodCatalog.Named(spec.Method);
        users = spec.Users.ToDictionary(user => user.Id);
        Rule = ServerRule.Of(spec, Method);
        Check = new(spec.Aggregation.RejectNorm, spec.Aggregation.ClipNorm);
        Moments = spec.Training.Moments == StoredMoments.Bfloat16 ? FloatType.Bfloat16 : FloatType.Float32;
        Pruning = LocalPlans.PruningOf(spec, Method);
        Server = new(
            ParameterLayout.Of(trainer.Model, ShapeOf(spec.Users[0]) with
            {
                MlpRank = spec.Users.Max(user => user.MlpRank),
                AttentionRank = spec.Users.Max(user => user.AttentionRank),
            }),
            Method.Sharing);
        Probe = new(Server);
    }

    public RunSpec Spec { get; }

    public ITrainer Trainer { get; }

    public Method Method { get; }

    /// <summary>What the server makes of what users send.</summary>
    public AggregationRule Rule { get; }

    /// <summary>What it asks of an upload.</summary>
    public UploadCheck Check { get; }

    /// <summary>What the server has: of the largest rank; nothing when nothing is shared.</summary>
    public SharedParameters Server { get; }

    /// <summary>Of what the server has.</summary>
    public ProductProbe Probe { get; }

    /// <summary>As which AdamW's moments are stored between rounds.</summary>
    public FloatType Moments { get; }

    private RankPruning? Pruning { get; }

    /// <exception cref="KeyNotFoundException">The run has no such user.</exception>
    public UserSpec User(string id) => users.TryGetValue(id, out var user)
        ? user
        : throw new KeyNotFoundException($"Run '{Spec.Experiment}' has no user '{id}'.");

    public ParameterLayout LayoutOf(UserSpec user) => SharedOf(user).Layout;

    /// <summary>What a user has of what is shared: all of it, or as much as its rank allows.</summary>
    public SharedParameters SharedOf(UserSpec user) => shared.GetOrAdd(
        ShapeOf(user), shape => new(ParameterLayout.Of(Trainer.Model, shape), Method.Sharing));

    /// <summary>Of what a user has.</summary>
    public ProductProbe ProbeOf(UserSpec user) => probes.GetOrAdd(SharedOf(user), parameters => new(parameters));

    public Exchange ExchangeOf(UserSpec user) => new(Server, SharedOf(user), Rule, Pruning);

    /// <summary>The state before a user's first round.</summary>
    public UserModel NewUser(UserSpec user)
    {
        var layout = LayoutOf(user);
        return UserModel.Start(layout.Adapters, AdapterInitialisation.Of(layout, Spec.Seed, parameter =>
            Method.Sharing.Covers(parameter) || (Method.FreezesA && parameter.Factor == Factor.A)
                ? AdapterInitialisation.Everyone
                : OwnerOf(user)));
    }

    /// <summary>What the server has before round 0. A user who trains for all starts as it would alone.</summary>
    /// <returns>[server's shared length]</returns>
    public float[] InitialServer() => Server.Of(AdapterInitialisation.Of(Server.Layout, Spec.Seed, _ =>
        Method.PoolsData ? OwnerOf(Spec.Users.First(user => user.Trains)) : AdapterInitialisation.Everyone));

    public LocalPlan PlanOf(UserSpec user, int round) => LocalPlans.Of(Spec, Method, user, round);

    private static string OwnerOf(UserSpec user) => $"user {user.Id}";

    private AdapterShape ShapeOf(UserSpec user) => LocalPlans.ShapeOf(Spec, Method, user);
}
