using CoMiGS.Learning.Torch;

namespace CoMiGS.Learning.Tests.Torch;

/// <summary>Whether libtorch is set up; tests that need it are skipped where it is not.</summary>
internal static class TorchPresence
{
    private static readonly Lazy<string?> Missing = new(Probe);

    public static void Require() => Assert.SkipWhen(Missing.Value is not null, Missing.Value ?? "");

    private static string? Probe()
    {
        try
        {
            TorchTrainer.Open(TinyModel.Random(new(1, 1, 4, 8, 4), seed: 1), new TorchSettings()).Dispose();
            return null;
        }
        catch (BadInputException missing)
        {
            return missing.Message;
        }
    }
}
