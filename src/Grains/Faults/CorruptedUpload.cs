using CoMiGS.Interfaces.Aggregation;
using CoMiGS.Interfaces.Experiments;
using CoMiGS.Learning.Aggregation;

namespace CoMiGS.Grains.Faults;

/// <summary>Parameters that arrive other than they were sent.</summary>
internal static class CorruptedUpload
{
    public static Contribution Of(FaultPlan plan, Contribution sent)
    {
        var (round, user) = (sent.Receipt.Round, sent.Receipt.User);
        var arrived = sent;
        foreach (var kind in plan.Of(round, user))
        {
            arrived = kind switch
            {
                FaultKind.NotANumber => Changed(arrived, (index, value) => index == 0 ? float.NaN : value),
                FaultKind.Scale => Changed(
                    arrived, (_, value) => value * (float)plan.Find(kind, round, user)!.Factor!.Value),
                FaultKind.FlipSign => Changed(arrived, (_, value) => -value),
                FaultKind.WrongShape => arrived with { Parameters = arrived.Parameters[..^sizeof(float)] },
                _ => arrived,
            };
        }

        return arrived;
    }

    private static Contribution Changed(Contribution sent, Func<int, float, float> change)
    {
        var values = ContentHash.ToFloats(sent.Parameters);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = change(i, values[i]);
        }

        return sent with { Parameters = ContentHash.ToBytes(values) };
    }
}
