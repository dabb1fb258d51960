using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoMiGS.Grains.Rounds;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training.Cpu;

namespace CoMiGS.Results.RunFiles;

/// <summary>What a run file means and costs, known before anything runs.</summary>
/// <param name="Resolved">The run file with every value filled in.</param>
/// <param name="BaseBytes">The frozen base as the CPU's kernels have it: float32, way forward and way back.</param>
internal sealed record Plan(string Resolved, long BaseParameters, long BaseBytes, ImmutableArray<PlannedArm> Arms)
{
    private const int CopiesOfBase = 2;

    /// <param name="threads">Trainer threads of the machine that is planned for.</param>
    public static Plan Of(RunFile file, Inputs inputs, int threads) => new(
        YamlWriter.Write(file), inputs.Model.ParameterCount,
        CopiesOfBase * sizeof(float) * inputs.Model.ParameterCount,
        [.. RunFiles.Arms.Of(file, output: "/").Select(arm => PlannedArm.Of(arm, inputs, threads))]);
}

/// <param name="TokensPerRound">Forward and backward in the experts' steps of the whole cohort, most users taking
/// part.</param>
/// <param name="BytesSentPerRound">Adapters sent by the whole cohort.</param>
/// <param name="StateBytes">Of all users on disk, at most: a state for each manifest kept, and one more.</param>
/// <param name="StateBytesSaved">How much more it would be with float32 moments.</param>
/// <param name="TrainerBytes">Activations and buffers of the users at work at once, at most.</param>
/// <param name="Server">What it makes of what users send; not there where that is the plain mean.</param>
/// <param name="Devices">Not there where users have none.</param>
internal sealed record PlannedArm(
    string Arm, ImmutableArray<PlannedUser> Users, long TokensPerRound, long BytesSentPerRound, long StateBytes,
    long StateBytesSaved, long TrainerBytes,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Server,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] PlannedDevices? Devices)
{
    public static PlannedArm Of(Arm arm, Inputs inputs, int threads)
    {
        var users = arm.Spec.Users.Select(user => PlannedUser.Of(arm, user, inputs)).ToImmutableArray();
        var trainers = arm.Spec.Users.Where(user => user.Trains).ToArray();
        var cohort = CohortSampler.SizeOf(arm.Spec.Round, trainers.Length);
        var length = arm.Spec.Training.SequenceLength;
        var states = Math.Min(arm.Spec.Checkpoints.Keep + 1, arm.Spec.Rounds);
        return new(
            arm.Label, users,
            arm.Method.Trains
                ? (long)(trainers.Average(user =>
                    (double)user.LocalSteps * user.Accumulation * user.MicroBatch * length) * cohort)
                : 0,
            (long)(users.Average(user => user.BytesSentPerRound) * cohort),
            states * users.Sum(user => user.StateBytes),
            states * users.Sum(user => PlannedUser.Float32StateBytes(user.Parameters) - user.StateBytes),
            arm.Spec.Users.Max(user => CpuTrainer.BytesFor(
                inputs.Model, arm.ShapeOf(user), user.MicroBatch, length, threads)),
            RuleText.Of(arm.Spec, arm.Method), PlannedDevices.Of(arm.Spec, inputs.Model));
    }
}

/// <param name="Parameters">Trainable: adapters and routers.</param>
/// <param name="SharedParameters">Those the server puts together every round.</param>
/// <param name="StateBytes">Parameters and both AdamW moments, as they are stored.</param>
internal sealed record PlannedUser(
    string Id, int Experts, long TrainTokens, long Parameters, long SharedParameters, long BytesSentPerRound,
    long StateBytes)
{
    private const int Moments = 2;

    public static long Float32StateBytes(long parameters) => (1 + Moments) * sizeof(float) * parameters;

    public static PlannedUser Of(Arm arm, UserSpec user, Inputs inputs)
    {
        var layout = ParameterLayout.Of(inputs.Model, arm.ShapeOf(user));
        long shared = new SharedParameters(layout, arm.Method.Sharing).Length;
        var momentBytes = arm.Spec.Training.Moments == StoredMoments.Bfloat16 ? sizeof(ushort) : sizeof(float);
        return new(
            user.Id, user.Experts, inputs.TrainTokens[user.Id], layout.Length, shared,
            arm.Method.PoolsData ? 0 : sizeof(float) * shared,
            (sizeof(float) + ((long)Moments * momentBytes)) * layout.Length);
    }
}
