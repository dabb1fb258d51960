using CoMiGS.Learning.Methods;

namespace CoMiGS.Learning.Aggregation;

/// <summary>Everybody's shared parameters one after another, for users who mix them themselves (PCL).</summary>
public static class UploadStack
{
    /// <returns>[users · shared length]</returns>
    public static float[] Of(IReadOnlyList<Upload> uploads) => [.. uploads.SelectMany(upload => upload.Values)];

    /// <summary>The parts of a stack.</summary>
    /// <returns>Each [shared length], in the order of the uploads.</returns>
    public static IReadOnlyList<float[]> Split(float[] stack, SharedParameters shared) =>
        [.. Enumerable.Range(0, stack.Length / shared.Length)
            .Select(user => stack[(user * shared.Length)..((user + 1) * shared.Length)])];
}
