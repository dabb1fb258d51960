using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Methods;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>Users and batches that are functions of a seed.</summary>
internal static class TorchSamples
{
    public static ModelShape Model { get; } = new(2, 2, 16, 40, 12);

    public static LocalPlan Plan => TinyModel.Plan;

    public static UserModel User(int seed, int experts = 2, int topK = 2, bool routes = true)
    {
        var layout = ParameterLayout.Of(Model, new(experts, 4, 3, 16, topK, routes));
        var parameters = new float[layout.Length];
        TinyModel.Fill(parameters, seed, 0.25f);
        return UserModel.Start(layout.Adapters, parameters);
    }

    public static LocalWork Work(int seed, int experts = 2, int topK = 2, bool routes = true) => new(
        User(seed, experts, topK, routes),
        Plan with { Router = routes ? RouterMode.AlternatingOnValid : RouterMode.None }, new Batches(seed));

    public static int[] Tokens(int seed, int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((seed * 31) + (i * i * 7)) % Model.VocabularySize)];

    public sealed class Batches(int seed) : IBatchSource
    {
        public void Fill(DataSplit split, int index, Span<int> tokens, Span<int> targets)
        {
            var text = Tokens((seed * 7) + (index * 2) + (int)split, tokens.Length + 1);
            text.AsSpan(0, tokens.Length).CopyTo(tokens);
            text.AsSpan(1).CopyTo(targets);
        }
    }
}
