using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>One micro-batch forward, keeping logits and gates.</summary>
internal static unsafe class CpuInspection
{
    public static Inspection Run(PassPool passes, ParameterLayout layout, InspectWork work)
    {
        using var buffers = new UserBuffers(layout, work.User, 0, passes);
        var pass = passes.Rent(layout, work.SequenceLength);
        try
        {
            return Forward(pass, buffers, layout, work);
        }
        finally
        {
            passes.Return(pass, layout, work.SequenceLength);
        }
    }

    private static Inspection Forward(
        SequencePass pass, UserBuffers buffers, ParameterLayout layout, InspectWork work)
    {
        var (length, vocabulary, layers) = (work.SequenceLength, layout.Model.VocabularySize, layout.Model.LayerCount);
        var routedLayers = layout.Adapters.Routes ? layers : 0;
        var logits = new float[work.Tokens.Length * vocabulary];
        var firsts = Enumerable.Range(0, routedLayers).Select(_ => new List<byte>()).ToArray();
        var gates = Enumerable.Range(0, routedLayers).Select(_ => new List<float>()).ToArray();
        var tally = new RoutingTally(layers, layout.Adapters.ExpertCount);
        var lossSum = 0.0;
        fixed (float* logitsStart = logits)
        {
            for (var start = 0; start < work.Tokens.Length; start += length)
            {
                lossSum += pass.Forward(
                    buffers.Panels, work.Tokens.AsSpan(start, length), work.Targets.AsSpan(start, length), 0, false,
                    logitsStart + ((nint)start * vocabulary));
                for (var layer = 0; layer < routedLayers; layer++)
                {
                    firsts[layer].AddRange(pass.FirstExperts(layer));
                    gates[layer].AddRange(pass.GateWeights(layer));
                }

                if (routedLayers > 0)
                {
                    tally.Add(pass.Tally);
                }
            }
        }

        var crossEntropy = lossSum / work.Tokens.Length;
        var balance = routedLayers > 0 ? work.BalanceWeight * LoadBalance.Loss(tally) : 0;
        return new(
            new(Phase.Joint, crossEntropy + balance, crossEntropy, work.Tokens.Length), logits,
            [.. firsts.Select(list => list.ToArray())], [.. gates.Select(list => list.ToArray())]);
    }
}
