using System.Buffers.Binary;
using CoMiGS.Grains.Users;
using CoMiGS.Learning.Experts;
using CoMiGS.Learning.Model;
using CoMiGS.Learning.Training;

namespace CoMiGS.Fuzz.Parsers;

/// <summary>Files in safetensors.</summary>
internal abstract class SafetensorsParser(string fileName) : Parser(fileName, Vocabulary)
{
    private static readonly string[] Vocabulary =
    [
        "{", "}", "[", "]", ":", ",", "\"", "null", "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"",
        "\"F32\"", "\"F16\"", "\"BF16\"", "\"F64\"", "\"I64\"", "\"U8\"", "\"BOOL\"", "[0,0]", "[65536,65536]",
        "\"../../x\"", "\"a\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[0,0]},",
    ];
}

/// <summary>model.safetensors of a base.</summary>
internal sealed class BaseModelParser() : SafetensorsParser("model.safetensors")
{
    public override IReadOnlyList<byte[]> Seeds { get; } = [Tiny.BaseModel];

    public override void Read(string path)
    {
        Tiny.Beside(path, "config.json", Text(Tiny.Config));
        var model = BaseCheckpointReader.ReadFolder(Path.GetDirectoryName(path)!);
        Assert.All(model.TokenEmbedding, weight => Assert.True(float.IsFinite(weight)));
    }
}

/// <summary>A header that says how long it is: damage that the length field would give away otherwise.</summary>
internal sealed class SafetensorsHeaderParser() : SafetensorsParser("header.safetensors")
{
    private const int DataBytes = 24;

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Text("""
            {"__metadata__":{"round":"7"},"a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},
            "b":{"dtype":"F64","shape":[1],"data_offsets":[16,24]}}
            """),
        Text("""
            {"x.y":{"dtype":"BF16","shape":[2,4],"data_offsets":[8,24]},
            "ids":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}
            """),
    ];

    public override void Read(string path)
    {
        var header = File.ReadAllBytes(path);
        var bytes = new byte[sizeof(ulong) + header.Length + DataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)header.Length);
        header.CopyTo(bytes, sizeof(ulong));
        var file = SafetensorsFile.Parse(bytes, path);
        Assert.All(file.TensorNames, name =>
        {
            var elements = file.Shape(name).Aggregate((Int128)1, (product, size) => product * size);
            Assert.InRange((long)elements, 0, DataBytes);
        });
    }
}

/// <summary>A user's state between rounds.</summary>
internal sealed class UserCheckpointParser() : SafetensorsParser("12.blob")
{
    private static readonly ParameterLayout Layout = ParameterLayout.Of(Tiny.Model, Tiny.Adapters);
    private static readonly TrainedRound Round = new(12, 11, "ab", default, default, 16, 512);

    public override IReadOnlyList<byte[]> Seeds { get; } =
        [UserCheckpoint.ToBytes(UserModel.Start(Tiny.Adapters, new float[Layout.Length]), FloatType.Float32, Round)];

    public override void Read(string path)
    {
        var (user, _) = UserCheckpoint.FromBytes(File.ReadAllBytes(path), Layout, FloatType.Float32, path);
        Assert.True(user.ExpertSteps >= 0 && user.RouterSteps >= 0);
    }
}
