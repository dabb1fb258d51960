using System.Globalization;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>A user's parameters, moments and step counts as safetensors bytes: three flat vectors in the order of
/// <see cref="ParameterLayout"/>, the counts in the metadata. Moments are of the type that the run asks for.</summary>
internal static class UserCheckpoint
{
    private const string Parameters = "parameters", FirstMoments = "first_moments", SecondMoments = "second_moments";

    public static byte[] ToBytes(UserModel user, FloatType moments) => SafetensorsWriter.ToBytes(
        [
            new(Parameters, 0, user.Parameters.Length, user.Parameters),
            new(FirstMoments, 0, user.FirstMoments.Length, user.FirstMoments, moments),
            new(SecondMoments, 0, user.SecondMoments.Length, user.SecondMoments, moments),
        ],
        new Dictionary<string, string>
        {
            ["expert_steps"] = user.ExpertSteps.ToString(CultureInfo.InvariantCulture),
            ["router_steps"] = user.RouterSteps.ToString(CultureInfo.InvariantCulture),
        });

    /// <exception cref="BadInputException">The bytes are not a checkpoint of this layout and type.</exception>
    public static UserModel FromBytes(
        ReadOnlyMemory<byte> bytes, ParameterLayout layout, FloatType moments, string name)
    {
        var file = SafetensorsFile.Parse(bytes, name);
        return new(
            layout.Adapters, file.Floats(FloatType.Float32, Parameters, layout.Length),
            file.Floats(moments, FirstMoments, layout.Length), file.Floats(moments, SecondMoments, layout.Length),
            Count(file, "expert_steps"), Count(file, "router_steps"));
    }

    /// <summary>The user's matrices under their names in recordings, for other programs.</summary>
    public static byte[] Export(
        float[] parameters, ParameterLayout layout, IReadOnlyDictionary<string, string> metadata) =>
        SafetensorsWriter.ToBytes(
            [.. layout.Parameters.Select(parameter => new TensorToWrite(
                parameter.Name, parameter.Rows, parameter.Columns,
                parameters.AsMemory(parameter.Offset, parameter.Length)))],
            metadata);

    private static int Count(SafetensorsFile file, string key) =>
        file.Metadata.TryGetValue(key, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new BadInputException($"{file.Name}: the metadata holds no whole number '{key}'.");
}
