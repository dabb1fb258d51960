namespace OrleansContract;

public sealed class StreamTests(ClusterFixture fixture)
{
    private readonly IStreamGrain grain = fixture.Grains.GetGrain<IStreamGrain>(Signals.NewKey());
    private readonly string gate = Signals.NewKey();

    [Theory, InlineData(0, 100), InlineData(1, 100), InlineData(1000, 100), InlineData(10, 1)]
    public async Task Stream_ToItsEnd_BringsEveryElementInOrder(int count, int batchSize)
    {
        var numbers = new List<int>();
        await foreach (var number in grain.CountAsync(count).WithBatchSize(batchSize))
        {
            numbers.Add(number);
        }

        Assert.Equal(Enumerable.Range(0, count), numbers);
    }

    [Fact]
    public async Task Stream_ElementsSoFar_AreNotHeldBack()
    {
        await using var numbers = grain.CountGatesAsync(gate).GetAsyncEnumerator();
        for (var number = 0; number < 3; number++)
        {
            Assert.True(await numbers.MoveNextAsync());
            Assert.Equal(number, numbers.Current);
            Signals.Open($"{gate}/{number + 1}");
        }
    }

    [Fact]
    public async Task Stream_WhileItWaits_CallsAreAnswered()
    {
        await using var numbers = grain.CountGatesAsync(gate).GetAsyncEnumerator();
        await numbers.MoveNextAsync();
        var next = numbers.MoveNextAsync().AsTask();
        Assert.Equal(42, await grain.AnswerAsync());
        Assert.False(next.IsCompleted);
        Signals.Open(gate + "/1");
        Assert.True(await next);
    }

    [Fact]
    public async Task Stream_LeftEarly_DisposesTheEnumerator()
    {
        await foreach (var number in grain.CountGatesAsync(gate))
        {
            Assert.Equal(0, number);
            break;
        }

        await Signals.WaitAsync(gate + "/disposed");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Stream_Cancelled_EndsBothSides(bool asArgument)
    {
        using var cancellation = new CancellationTokenSource();
        var stream = asArgument ? grain.CountGatesAsync(gate, cancellation.Token) : grain.CountGatesAsync(gate);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var number in stream.WithCancellation(cancellation.Token))
            {
                await cancellation.CancelAsync();
            }
        });
        await Signals.WaitAsync(gate + "/disposed");
    }

    [Fact]
    public async Task Stream_GrainThrows_CallerGetsTheElementsAndThenTheException()
    {
        var seen = 0;
        await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await foreach (var number in grain.ThrowAfterAsync(5).WithBatchSize(1))
            {
                seen++;
            }
        });
        Assert.Equal(5, seen);
    }

    [Fact]
    public async Task Stream_Elements_AreCopies()
    {
        var parcels = new List<Parcel>();
        await foreach (var parcel in grain.ParcelsAsync().WithBatchSize(1))
        {
            parcel.Numbers.Add(2);
            parcels.Add(parcel);
        }

        Assert.All(parcels, parcel => Assert.Equal([1, 2], parcel.Numbers));
    }

    [Fact]
    public async Task Stream_EnumeratedTwice_StartsTwice()
    {
        var stream = grain.CountAsync(5);
        for (var round = 0; round < 2; round++)
        {
            var sum = 0;
            await foreach (var number in stream)
            {
                sum += number;
            }

            Assert.Equal(10, sum);
        }
    }

    [Fact]
    public async Task Stream_BetweenGrains_Arrives()
    {
        var other = fixture.Grains.GetGrain<IStreamGrain>(Signals.NewKey());
        Assert.Equal(4950, await grain.SumOfAsync(other, 100));
    }

    [Fact]
    public async Task Stream_GrainDeactivatedBetweenElements_IsAborted()
    {
        await using var numbers = grain.CountGatesAsync(gate).GetAsyncEnumerator();
        Assert.True(await numbers.MoveNextAsync());
        await grain.DeactivateAsync();
        await grain.AnswerAsync();
        await Assert.ThrowsAsync<EnumerationAbortedException>(async () => await numbers.MoveNextAsync());
    }
}
