namespace CoMiGS.Learning.Optimisation;

/// <summary>Learning rate falling from <paramref name="Highest"/> to <paramref name="Lowest"/> along half a cosine over
/// <paramref name="StepCount"/> steps.</summary>
public sealed record CosineSchedule(double Highest, double Lowest, int StepCount)
{
    /// <summary>The rate of step t, 0-based: lowest + ½ (highest − lowest)(1 + cos(π t / steps)).</summary>
    public float At(int step) =>
        (float)(Lowest + (0.5 * (Highest - Lowest) * (1 + Math.Cos(Math.PI * step / StepCount))));
}
