namespace OrleansContract;

public sealed class MessageTests(ClusterFixture fixture)
{
    private readonly IMessageGrain grain = fixture.Grains.GetGrain<IMessageGrain>(Signals.NewKey());

    [Fact]
    public async Task Argument_ChangedByTheCallerAfterwards_StaysForTheGrain()
    {
        var parcel = new Parcel { Numbers = [1, 2], Note = "first" };
        await grain.KeepAsync(parcel);
        parcel.Numbers.Add(3);
        parcel.Note = "second";
        var kept = await grain.KeptAsync();
        Assert.Equal([1, 2], kept.Numbers);
        Assert.Equal("first", kept.Note);
    }

    [Fact]
    public async Task Argument_ChangedBeforeTheGrainRan_IsWhatWasSent()
    {
        var values = new[] { 1, 2, 3 };
        var sent = grain.KeepArrayAsync(values);
        values[0] = 100;
        await sent;
        Assert.Equal(6, await grain.KeptSumAsync());
    }

    [Fact]
    public async Task Result_ChangedByTheCaller_StaysForTheGrain()
    {
        await grain.KeepAsync(new Parcel { Numbers = [1] });
        (await grain.KeptAsync()).Numbers.Add(2);
        Assert.Equal([1], (await grain.KeptAsync()).Numbers);
    }

    [Fact]
    public async Task Message_NestedAndCyclic_KeepsItsShape()
    {
        var root = new Parcel { Note = "root" };
        root.Parts["a"] = new Parcel { Parent = root, Numbers = [7] };
        root.Parts["same"] = root.Parts["a"];
        var echo = await grain.EchoAsync(root);
        Assert.NotSame(root, echo);
        Assert.Same(echo, echo.Parts["a"].Parent);
        Assert.Same(echo.Parts["a"], echo.Parts["same"]);
        Assert.Equal([7], echo.Parts["a"].Numbers);
    }

    [Fact]
    public async Task Member_NotSerialized_StaysBehind()
    {
        var echo = await grain.EchoAsync(new Parcel { LocalOnly = 9 });
        Assert.NotEqual(9, echo.LocalOnly);
    }

    [Fact]
    public async Task Record_PrimaryConstructorParameters_Travel()
    {
        var sample = new Sample("s", [1, 2]) { Weight = 0.5 };
        var echo = await grain.EchoSampleAsync(sample);
        Assert.Equal(("s", 0.5), (echo.Name, echo.Weight));
        Assert.Equal(sample.Values, echo.Values);
        Assert.NotSame(sample.Values, echo.Values);
    }

    [Fact]
    public async Task Message_OfADerivedType_KeepsIt()
    {
        var circle = Assert.IsType<Circle>(await grain.EchoShapeAsync(new Circle { Name = "c", Radius = 2 }));
        Assert.Equal(("c", 2.0), (circle.Name, circle.Radius));
    }

    [Fact]
    public async Task Message_Struct_Travels() =>
        Assert.Equal(new Point(2, 1), await grain.MirrorAsync(new Point(1, 2)));

    [Fact]
    public async Task Message_CollectionsOfTuplesAndEnums_Travel()
    {
        var values = new Dictionary<Colour, (int, string)[]> { [Colour.Green] = [(1, "one"), (2, "two")] };
        var echo = await grain.EchoTuplesAsync(values);
        Assert.Equal(values[Colour.Green], echo[Colour.Green]);
    }

    [Fact]
    public async Task Message_AsObject_KeepsItsType()
    {
        Assert.Equal(1.5, await grain.EchoObjectAsync(1.5));
        Assert.Null(await grain.EchoObjectAsync(null));
        Assert.Equal([1, 2], Assert.IsType<List<int>>(await grain.EchoObjectAsync(new List<int> { 1, 2 })));
        var square = new[,] { { 1, 2 }, { 3, 4 } };
        Assert.Equal(square, Assert.IsType<int[,]>(await grain.EchoObjectAsync(square)));
    }

    [Fact]
    public async Task Message_CollectionExpressionAsInterface_Travels() =>
        Assert.Equal([new Point(1, 2), new(3, 4)], await grain.EchoListAsync([new(1, 2), new(3, 4)]));

    [Fact]
    public async Task Message_Bytes_AreCopied()
    {
        var bytes = new byte[] { 1, 2, 3 };
        var echo = await grain.EchoBytesAsync(bytes);
        bytes[0] = 9;
        Assert.Equal([1, 2, 3], echo.ToArray());
    }

    [Fact]
    public async Task Message_Immutable_Travels()
    {
        var frozen = new Frozen([1, 2, 3]);
        Assert.Equal(frozen.Values, (await grain.EchoFrozenAsync(frozen)).Values);
    }

    [Fact]
    public async Task Message_Scalars_Travel()
    {
        var (at, id, where) = (DateTimeOffset.UnixEpoch, Guid.NewGuid(), new Uri("https://example.org/a"));
        Assert.Equal(
            (at, TimeSpan.FromSeconds(3), id, where, 1.25m),
            await grain.EchoScalarsAsync(at, TimeSpan.FromSeconds(3), id, where, 1.25m));
    }
}
