using System.Globalization;
using System.Text;
using CoMiGS.Grains.Storage;
using CoMiGS.Interfaces.Metrics;
using CoMiGS.Interfaces.Rounds;
using CoMiGS.Learning;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Grains.Users;

/// <summary>The round that left a state: what it started from, and what its receipt says. With it the same ticket is
/// answered again from the state alone. Nothing in it depends on time or place, so a state's bytes do not.</summary>
/// <param name="Before">Round whose end left the state it started from; -1 = none.</param>
/// <param name="Generalist">Content hash of the generalists it started from.</param>
internal sealed record TrainedRound(
    int Round, int Before, string? Generalist, Weighted TrainLoss, Weighted RouterLoss, long Tokens, long BytesSent)
{
    /// <summary>Whether this is what the ticket orders. The attempt does not matter: training is a function of the
    /// round, the state before and the generalists.</summary>
    public bool Answers(RoundTicket ticket) =>
        (Round, Before, Generalist) == (ticket.Round, ticket.Version, ticket.Generalist);
}

/// <summary>A user's parameters, moments and step counts as safetensors bytes: three flat vectors in the order of
/// <see cref="ParameterLayout"/>, the counts and the round in the metadata. Moments are of the type that the
/// run asks for.</summary>
internal static class UserCheckpoint
{
    private const string Parameters = "parameters", FirstMoments = "first_moments", SecondMoments = "second_moments";

    public static byte[] ToBytes(UserModel user, FloatType moments, TrainedRound round) => SafetensorsWriter.ToBytes(
        [
            new(Parameters, 0, user.Parameters.Length, user.Parameters),
            new(FirstMoments, 0, user.FirstMoments.Length, user.FirstMoments, moments),
            new(SecondMoments, 0, user.SecondMoments.Length, user.SecondMoments, moments),
        ],
        new Dictionary<string, string>
        {
            ["expert_steps"] = user.ExpertSteps.ToString(CultureInfo.InvariantCulture),
            ["router_steps"] = user.RouterSteps.ToString(CultureInfo.InvariantCulture),
            ["round"] = Encoding.UTF8.GetString(Json.ToBytes(round)),
        });

    /// <exception cref="BadInputException">The bytes are not a checkpoint of this layout and type.</exception>
    public static (UserModel User, TrainedRound Round) FromBytes(
        ReadOnlyMemory<byte> bytes, ParameterLayout layout, FloatType moments, string name)
    {
        var file = SafetensorsFile.Parse(bytes, name);
        var user = new UserModel(
            layout.Adapters, file.Floats(FloatType.Float32, Parameters, layout.Length),
            file.Floats(moments, FirstMoments, layout.Length), file.Floats(moments, SecondMoments, layout.Length),
            Count(file, "expert_steps"), Count(file, "router_steps"));
        return (user, Json.FromBytes<TrainedRound>(Encoding.UTF8.GetBytes(Text(file, "round")), name));
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
        int.TryParse(Text(file, key), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new BadInputException($"{file.Name}: the metadata holds no whole number '{key}'.");

    private static string Text(SafetensorsFile file, string key) => file.Metadata.GetValueOrDefault(key)
        ?? throw new BadInputException($"{file.Name}: the metadata holds no '{key}'.");
}
