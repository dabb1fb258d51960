using System.Collections.Concurrent;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>Workspaces of sequences, by the shape they fit, used again and again.</summary>
internal sealed class PassPool(PackedModel model) : IDisposable
{
    private readonly ConcurrentDictionary<(AdapterShape, int Tokens), ConcurrentBag<SequencePass>> idle = new();

    public SimdLevel Level => model.Level;

    public SequencePass Rent(ParameterLayout layout, int tokens) =>
        Bag(layout, tokens).TryTake(out var pass) ? pass : new SequencePass(model, layout, tokens);

    public void Return(SequencePass pass, ParameterLayout layout, int tokens) => Bag(layout, tokens).Add(pass);

    public void Dispose()
    {
        foreach (var pass in idle.Values.SelectMany(bag => bag))
        {
            pass.Dispose();
        }
    }

    private ConcurrentBag<SequencePass> Bag(ParameterLayout layout, int tokens) =>
        idle.GetOrAdd((layout.Adapters, tokens), static _ => []);
}
