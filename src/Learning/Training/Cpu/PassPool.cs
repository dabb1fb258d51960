using System.Collections.Concurrent;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;

namespace CoMiGS.Learning.Training.Cpu;

/// <summary>Workspaces of sequences, by the shape they fit, used again and again.</summary>
/// <param name="users">At work at once, at most.</param>
internal sealed class PassPool(PackedModel model, int users) : IDisposable
{
    private readonly ConcurrentDictionary<(AdapterShape, int Tokens), ConcurrentBag<SequencePass>> idle = new();

    public SimdLevel Level => model.Level;

    /// <summary>Where users' parameters, moments and gradients are while they are at work.</summary>
    public ArenaPool UserMemory { get; } = new(users);

    public SequencePass Rent(ParameterLayout layout, int tokens) =>
        Bag(layout, tokens).TryTake(out var pass) ? pass : new SequencePass(model, layout, tokens);

    public void Return(SequencePass pass, ParameterLayout layout, int tokens) => Bag(layout, tokens).Add(pass);

    public void Dispose()
    {
        foreach (var pass in idle.Values.SelectMany(bag => bag))
        {
            pass.Dispose();
        }

        UserMemory.Dispose();
    }

    private ConcurrentBag<SequencePass> Bag(ParameterLayout layout, int tokens) =>
        idle.GetOrAdd((layout.Adapters, tokens), static _ => []);
}
