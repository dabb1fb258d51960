using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Training;

/// <summary>A run's spec with everything that follows from it: what a silo works out once.</summary>
public sealed class Run
{
    private readonly Dictionary<string, UserSpec> users;

    public Run(RunSpec spec, ITrainer trainer)
    {
        Spec = spec;
        Trainer = trainer;
        Method = MethodCatalog.Named(spec.Method);
        users = spec.Users.ToDictionary(user => user.Id);
        SharedLayout = LayoutOf(spec.Users[0]);
        SharedLength = SharedLayout.SharedLength(Method.Sharing);
    }

    public RunSpec Spec { get; }

    public ITrainer Trainer { get; }

    public Method Method { get; }

    /// <summary>Floats every user shares: a prefix of its vector, alike for all users; 0 when nothing is
    /// shared.</summary>
    public int SharedLength { get; }

    /// <summary>Names the shared floats.</summary>
    public ParameterLayout SharedLayout { get; }

    /// <exception cref="KeyNotFoundException">The run has no such user.</exception>
    public UserSpec User(string id) => users.TryGetValue(id, out var user)
        ? user
        : throw new KeyNotFoundException($"Run '{Spec.Experiment}' has no user '{id}'.");

    public ParameterLayout LayoutOf(UserSpec user) => ParameterLayout.Of(Trainer.Model, new(
        user.Experts, user.MlpRank, Spec.Experts.AttentionRank, (float)Spec.Experts.Alpha, Spec.Experts.TopK,
        Method.HasRouter));

    /// <summary>The state before a user's first round.</summary>
    public UserModel NewUser(UserSpec user)
    {
        var layout = LayoutOf(user);
        return UserModel.Start(
            layout.Adapters, AdapterInitialisation.Of(layout, SharedLength, Spec.Seed, user.Id));
    }

    public LocalPlan PlanOf(int round)
    {
        var training = Spec.Training;
        return new()
        {
            StepCount = training.LocalSteps,
            FirstStep = round * training.LocalSteps,
            MicroBatch = training.MicroBatch,
            Accumulation = training.Accumulation,
            SequenceLength = training.SequenceLength,
            ExpertRate = new(
                training.LearningRate, training.LearningRate * training.LearningRateFloor,
                Spec.Rounds * training.LocalSteps),
            RouterRate = (float)Spec.Router.LearningRate,
            Router = Method.Router,
            RouterEvery = Spec.Router.Every,
            RouterIterations = Spec.Router.Iterations,
            AdamW = new(
                (float)training.Beta1, (float)training.Beta2, (float)training.Epsilon, (float)training.WeightDecay),
            BalanceWeight = Method.HasRouter ? (float)training.BalanceWeight : 0,
        };
    }
}
