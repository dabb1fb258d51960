using System.Text.Json;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Kernels;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Learning.Tests.Kernels;

/// <summary>The recorded forward passes of tests/fixtures (made by the authors' code), at every SIMD level.</summary>
public sealed unsafe class ProbeTests
{
    public static TheoryData<string, SimdLevel> Recordings()
    {
        var data = new TheoryData<string, SimdLevel>();
        var folders = Directory.EnumerateDirectories(Fixtures()).Select(path => Path.GetFileName(path)).Order();
        foreach (var folder in folders)
        {
            foreach (var level in Enum.GetValues<SimdLevel>().Where(level => level <= SimdLevels.Best))
            {
                data.Add(folder, level);
            }
        }

        return data;
    }

    [Theory, MemberData(nameof(Recordings))]
    public void Forward_RecordedProbe_ReproducesLogitsAndLoss(string folder, SimdLevel level)
    {
        var path = Path.Combine(Fixtures(), folder);
        var run = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "run.json"))).RootElement;
        var file = SafetensorsFile.Open(Path.Combine(path, "tensors.safetensors"));
        var json = run.GetProperty("model");
        int Size(string key) => json.GetProperty(key).GetInt32();
        var shape = new ModelShape(
            Size("n_layer"), Size("n_head"), Size("n_embd"), Size("vocab_size"), Size("n_positions"));
        using var model = PackedModel.Pack(BaseCheckpointReader.Read(file, shape, "base.transformer."), level);
        for (var user = 0; user < run.GetProperty("users").GetInt32(); user++)
        {
            var adapters = new AdapterShape(
                run.GetProperty("expert_count")[user].GetInt32(), run.GetProperty("mlp_lora_rank")[user].GetInt32(),
                run.GetProperty("attention_lora_rank").GetInt32(), run.GetProperty("lora_alpha").GetSingle(),
                run.GetProperty("top_k").GetInt32(), !run.GetProperty("no_router").GetBoolean());
            var lambda = run.GetProperty("load_balancing_lambda").GetDouble();
            Probe(model, ParameterLayout.Of(shape, adapters), file, user, lambda);
        }
    }

    private static void Probe(PackedModel model, ParameterLayout layout, SafetensorsFile file, int user, double lambda)
    {
        var parameters = new float[layout.Length];
        foreach (var p in layout.Parameters)
        {
            file.Floats($"init.user.{user}.{p.Name}", p.Rows, p.Columns).CopyTo(parameters, p.Offset);
        }

        var size = file.Shape($"probe.{user}.x");
        int sequences = size[0], length = size[1], vocabulary = model.Shape.VocabularySize;
        int[] tokens = [.. file.Longs($"probe.{user}.x").Select(id => (int)id)];
        var logits = new float[tokens.Length * vocabulary];
        var tally = new RoutingTally(model.Shape.LayerCount, layout.Adapters.ExpertCount);
        double loss = 0;
        using var pass = new SequencePass(model, layout, length);
        using var adapters = Samples.Panels(layout, model.Level, parameters);
        fixed (float* l = logits)
        {
            for (var i = 0; i < sequences; i++)
            {
                var x = tokens.AsSpan(i * length, length);
                int[] y = [.. x[1..], x[0]];
                loss += pass.Forward(adapters, x, y, 0, false, l + (i * length * vocabulary));
                tally.Add(pass.Tally);
            }
        }

        loss /= tokens.Length;
        double[] recorded = [.. file.Floats($"probe.{user}.logits", sequences, length, vocabulary)];
        Assert.InRange(Samples.Difference(logits, recorded), 0, 2e-6);
        var losses = file.Floats($"probe.{user}.loss", 2);
        Assert.Equal(losses[1], loss, 2e-6 * losses[1]);
        Assert.Equal(losses[0], loss + (lambda * LoadBalance.Loss(tally)), 2e-6 * losses[0]);
    }

    private static string Fixtures()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "CoMiGS.Orleans.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "tests", "fixtures");
    }
}
