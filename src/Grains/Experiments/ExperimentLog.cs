using Microsoft.Extensions.Logging;

namespace CoMiGS.Grains.Experiments;

internal static partial class ExperimentLog
{
    [LoggerMessage(Level = LogLevel.Information, Message =
        "{Experiment}: round {Round}/{RoundCount}, {Users} users, {Missing} missing, loss {LossNats:F4} nats/token, "
        + "{TokensPerSecond:F0} tokens/s, {Seconds:F1} s")]
    public static partial void RoundCommitted(
        ILogger log, string experiment, int round, int roundCount, int users, int missing, double lossNats,
        double tokensPerSecond, double seconds);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Runs could not be looked after this time")]
    public static partial void NotLookedAfter(ILogger log, Exception error);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Experiment}: {Damage}")]
    public static partial void StateDamaged(ILogger log, string experiment, string damage);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Experiment}: the run failed")]
    public static partial void RunFailed(ILogger log, Exception error, string experiment);
}
