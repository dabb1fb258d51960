using CoMiGS.Grains.Training;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Interfaces.Users;
using CoMiGS.Learning.Aggregation;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>What a user makes of what the server sends. Weights found on valid text are kept, so that a user who is
/// measured, followed and exported searches once.</summary>
internal sealed class UserReception(RunCatalog runs)
{
    private const int WeightsHeld = 4096;

    private readonly OnceCache<(string Experiment, string User, UserVersion Version), double[]> weights =
        new("weights", WeightsHeld);

    /// <param name="own">As the user left its last round.</param>
    /// <param name="toTrain">Whether the user goes on training, as opposed to being used.</param>
    public async Task<UserModel> ReceiveAsync(
        Run run, UserSpec user, UserModel own, UserVersion version, bool toTrain, CancellationToken stop)
    {
        if (version.Generalist is not { } hash)
        {
            return own;
        }

        var values = await runs.GeneralistsAsync(run.Spec.Experiment, hash, stop);
        var exchange = run.ExchangeOf(user);
        return run.Method.Reception switch
        {
            Reception.MixByValid => exchange.Receive(own, await MixAsync(run, user, own, values, version, stop)),
            Reception.FuseByValid when !toTrain && version.Version >= 0 =>
                exchange.Receive(own, await FuseAsync(run, user, own, values, version, stop)),
            _ => exchange.Receive(own, values),
        };
    }

    private async Task<float[]> MixAsync(
        Run run, UserSpec user, UserModel own, float[] stack, UserVersion version, CancellationToken stop)
    {
        var peers = UploadStack.Split(stack, run.Server);
        if (peers.Count == 1)
        {
            return peers[0];
        }

        var found = await weights.GetAsync(
            (run.Spec.Experiment, user.Id, version),
            async () =>
            {
                var loss = LossOnValid(run, user, own);
                var perplexities = new List<double>();
                foreach (var peer in peers)
                {
                    perplexities.Add(Math.Exp(await loss(peer)));
                }

                return PeerMixing.Weights(perplexities);
            },
            stop);
        return PeerMixing.Mix(peers, found);
    }

    private async Task<float[]> FuseAsync(
        Run run, UserSpec user, UserModel own, float[] global, UserVersion version, CancellationToken stop)
    {
        float[][] both = [run.SharedOf(user).Of(own.Parameters), global];
        var found = await weights.GetAsync(
            (run.Spec.Experiment, user.Id, version),
            async () =>
            {
                var loss = LossOnValid(run, user, own);
                var (local, shared) = await AdapterFusion.SearchAsync(
                    weights => loss(PeerMixing.Mix(both, [weights.Local, weights.Global])));
                return [local, shared];
            },
            stop);
        return PeerMixing.Mix(both, found);
    }

    /// <summary>Cross-entropy in nats of the user with shared parameters on part of its valid text. Others may wait for
    /// it, so one caller's cancellation does not end it.</summary>
    private static Func<float[], Task<double>> LossOnValid(Run run, UserSpec user, UserModel own)
    {
        var windows = TargetWindows.Of(
            UserShards.Open(user, run.Trainer.Model.VocabularySize, run.Method).Valid,
            run.Spec.Training.SequenceLength, run.Spec.Aggregation.ValidTokens);
        var exchange = run.ExchangeOf(user);
        return async values =>
        {
            var measured = await run.Trainer.MeasureAsync(
                new(exchange.Receive(own, values), windows), CancellationToken.None);
            return measured.LossSum / measured.Tokens;
        };
    }
}
