namespace OrleansContract;

[GenerateSerializer, Alias("contract.Parcel")]
public sealed class Parcel
{
    [Id(0)]
    public List<int> Numbers { get; set; } = [];

    [Id(1)]
    public Dictionary<string, Parcel> Parts { get; set; } = [];

    [Id(2)]
    public Parcel? Parent { get; set; }

    [Id(3)]
    private string note = "";

    [NonSerialized]
    private int localOnly = 5;

    public string Note
    {
        get => note;
        set => note = value;
    }

    public int LocalOnly
    {
        get => localOnly;
        set => localOnly = value;
    }
}

/// <summary>A record's primary constructor parameters travel without ids.</summary>
[GenerateSerializer, Alias("contract.Sample")]
public sealed record Sample(string Name, int[] Values)
{
    [Id(0)]
    public double Weight { get; init; }
}

[GenerateSerializer, Immutable, Alias("contract.Frozen")]
public sealed record Frozen([property: Id(0)] int[] Values);

[GenerateSerializer, Alias("contract.Point")]
public readonly record struct Point([property: Id(0)] int X, [property: Id(1)] int Y);

[GenerateSerializer, Alias("contract.Shape")]
public abstract class Shape
{
    [Id(0)]
    public string Name { get; set; } = "";
}

[GenerateSerializer, Alias("contract.Circle")]
public sealed class Circle : Shape
{
    [Id(0)]
    public double Radius { get; set; }
}

public enum Colour
{
    Red,
    Green,
}

public interface IMessageGrain : IGrainWithStringKey
{
    Task KeepAsync(Parcel parcel);

    Task<Parcel> KeptAsync();

    Task<Parcel> EchoAsync(Parcel parcel);

    Task<Sample> EchoSampleAsync(Sample sample);

    Task<Shape> EchoShapeAsync(Shape shape);

    Task<Point> MirrorAsync(Point point);

    Task<Dictionary<Colour, (int, string)[]>> EchoTuplesAsync(Dictionary<Colour, (int, string)[]> values);

    Task<object?> EchoObjectAsync(object? value);

    Task<IReadOnlyList<Point>> EchoListAsync(IReadOnlyList<Point> values);

    Task<ReadOnlyMemory<byte>> EchoBytesAsync(ReadOnlyMemory<byte> bytes);

    Task KeepArrayAsync(int[] values);

    Task<int> KeptSumAsync();

    Task<Frozen> EchoFrozenAsync(Frozen frozen);

    Task<(DateTimeOffset At, TimeSpan For, Guid Id, Uri Where, decimal Much)> EchoScalarsAsync(
        DateTimeOffset at, TimeSpan duration, Guid id, Uri where, decimal much);
}

public sealed class MessageGrain : Grain, IMessageGrain
{
    private Parcel kept = new();
    private int[] keptArray = [];

    public Task KeepAsync(Parcel parcel)
    {
        kept = parcel;
        return Task.CompletedTask;
    }

    public Task<Parcel> KeptAsync() => Task.FromResult(kept);

    public Task<Parcel> EchoAsync(Parcel parcel) => Task.FromResult(parcel);

    public Task<Sample> EchoSampleAsync(Sample sample) => Task.FromResult(sample);

    public Task<Shape> EchoShapeAsync(Shape shape) => Task.FromResult(shape);

    public Task<Point> MirrorAsync(Point point) => Task.FromResult(new Point(point.Y, point.X));

    public Task<Dictionary<Colour, (int, string)[]>> EchoTuplesAsync(Dictionary<Colour, (int, string)[]> values) =>
        Task.FromResult(values);

    public Task<object?> EchoObjectAsync(object? value) => Task.FromResult(value);

    public Task<IReadOnlyList<Point>> EchoListAsync(IReadOnlyList<Point> values) => Task.FromResult(values);

    public Task<ReadOnlyMemory<byte>> EchoBytesAsync(ReadOnlyMemory<byte> bytes) => Task.FromResult(bytes);

    public Task KeepArrayAsync(int[] values)
    {
        keptArray = values;
        return Task.CompletedTask;
    }

    public Task<int> KeptSumAsync() => Task.FromResult(keptArray.Sum());

    public Task<Frozen> EchoFrozenAsync(Frozen frozen) => Task.FromResult(frozen);

    public Task<(DateTimeOffset At, TimeSpan For, Guid Id, Uri Where, decimal Much)> EchoScalarsAsync(
        DateTimeOffset at, TimeSpan duration, Guid id, Uri where, decimal much) =>
        Task.FromResult((at, duration, id, where, much));
}
