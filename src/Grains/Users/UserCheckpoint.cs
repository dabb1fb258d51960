using System.Globalization;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>A user's parameters, moments and step counts as safetensors bytes: three flat vectors in the order of
/// <see cref="ParameterLayout"/>, the counts in the metadata.</summary>
internal static class UserCheckpoint
{
    public static byte[] ToBytes(UserModel user) => SafetensorsWriter.ToBytes(
        [
            new("parameters", 0, user.Parameters.Length, user.Parameters),
            new("first_moments", 0, user.FirstMoments.Length, user.FirstMoments),
            new("second_moments", 0, user.SecondMoments.Length, user.SecondMoments),
        ],
        new Dictionary<string, string>
        {
            ["expert_steps"] = user.ExpertSteps.ToString(CultureInfo.InvariantCulture),
            ["router_steps"] = user.RouterSteps.ToString(CultureInfo.InvariantCulture),
        });

    /// <exception cref="BadInputException">The bytes are not a checkpoint of this layout.</exception>
    public static UserModel FromBytes(ReadOnlyMemory<byte> bytes, ParameterLayout layout, string name)
    {
        var file = SafetensorsFile.Parse(bytes, name);
        return new(
            layout.Adapters, file.Floats("parameters", layout.Length), file.Floats("first_moments", layout.Length),
            file.Floats("second_moments", layout.Length), Count(file, "expert_steps"), Count(file, "router_steps"));
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
