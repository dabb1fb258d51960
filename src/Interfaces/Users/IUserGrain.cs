using CoMiGS.Interfaces.Rounds;

namespace CoMiGS.Interfaces.Users;

/// <summary>One user: owns its shard, specialists, router and optimiser moments, none of which ever leaves it.
/// Key: experiment id, '/', user id.</summary>
[Alias("comigs.IUserGrain")]
public interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Algorithm 1, one round: copy in the generalists, train, save, hand the generalists to the silo's
    /// partial sum, answer. The same ticket again is answered from the saved receipt without training.</summary>
    /// <exception cref="OperationCanceledException">The round ended first.</exception>
    /// <exception cref="UserFailedException">This user cannot take part in the round.</exception>
    /// <exception cref="Experiments.ExperimentFailedException">The run's input cannot be used; the message names it.
    /// </exception>
    [Alias("Train"), ResponseTimeout("1.00:00:00")]
    Task<UserReceipt> TrainAsync(RoundTicket ticket, CancellationToken stop);

    /// <summary>Measures the user on one of its targets; changes nothing.</summary>
    [Alias("Evaluate"), ResponseTimeout("1.00:00:00")]
    Task<UserEvaluation> EvaluateAsync(EvaluationTicket ticket, CancellationToken stop);

    /// <summary>Which expert each token of a text goes to, block by block.</summary>
    [Alias("Trace"), ResponseTimeout("00:05:00")]
    Task<TokenTrace> TraceAsync(TraceTicket ticket, CancellationToken stop);

    /// <summary>Writes the user's adapters and router as of the last committed round, with the given generalists copied
    /// in (null: the committed ones), to OUTPUT/adapters/USER.safetensors on the user's own machine.</summary>
    [Alias("Export"), ResponseTimeout("00:05:00")]
    Task ExportAsync(string? generalist, CancellationToken stop);
}
