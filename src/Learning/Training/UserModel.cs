using CoMiGS.Learning.Experts;

namespace CoMiGS.Learning.Training;

/// <summary>Everything that learning changes about one user: parameters and AdamW moments, all in the order of
/// <see cref="ParameterLayout"/>, and how many steps each optimiser has taken. Trainers read one and return
/// another.</summary>
/// <param name="Parameters">[layout length]</param>
/// <param name="FirstMoments">[layout length]</param>
/// <param name="SecondMoments">[layout length]</param>
/// <param name="ExpertSteps">Steps of the experts' optimiser, which also has the routers in
/// <see cref="Phase.Joint"/>.</param>
/// <param name="RouterSteps">Steps of the routers' own optimiser.</param>
public sealed record UserModel(
    AdapterShape Shape, float[] Parameters, float[] FirstMoments, float[] SecondMoments, int ExpertSteps,
    int RouterSteps)
{
    /// <summary>A user that has not trained yet.</summary>
    public static UserModel Start(AdapterShape shape, float[] parameters) =>
        new(shape, parameters, new float[parameters.Length], new float[parameters.Length], 0, 0);

    public UserModel Copy() => this with
    {
        Parameters = (float[])Parameters.Clone(),
        FirstMoments = (float[])FirstMoments.Clone(),
        SecondMoments = (float[])SecondMoments.Clone(),
    };
}
