using System.Net;
using CoMiGS.Grains.Placement;

namespace CoMiGS.Grains.Tests.Placement;

public sealed class UserSpreadTests
{
    private static readonly string[] Users = [.. Enumerable.Range(0, 1000).Select(number => $"u{number:000}")];

    [Theory]
    [InlineData(new[] { 4, 4, 4 }, new[] { 334, 333, 333 })]
    [InlineData(new[] { 1, 2, 5 }, new[] { 125, 250, 625 })]
    [InlineData(new[] { 7 }, new[] { 1000 })]
    public void Of_SilosWithSlots_GivesEachItsShare(int[] slots, int[] shares)
    {
        var silos = Silos(slots);
        var homes = UserSpread.Of(Users, silos);
        Assert.Equal(Users, homes.Keys);
        Assert.Equal(shares, silos.Select(silo => homes.Values.Count(home => home.Equals(silo.Silo))));
    }

    [Fact]
    public void Of_FewerUsersThanSilos_GivesEachUserASiloOfItsOwn()
    {
        var homes = UserSpread.Of(["a", "b"], Silos(4, 4, 4));
        Assert.Equal(2, homes.Values.Distinct().Count());
    }

    [Fact]
    public void Of_SilosInAnotherOrder_GivesTheSame()
    {
        var silos = Silos(1, 2, 3, 4);
        Assert.Equal(UserSpread.Of(Users, silos), UserSpread.Of(Users, [.. silos.Reverse()]));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void Of_OneMoreSilo_MovesLittleMoreThanItsShare(int before)
    {
        var silos = Silos([.. Enumerable.Repeat(4, before + 1)]);
        var share = Users.Length / (before + 1);
        Assert.InRange(Moved(silos.Take(before), silos), share, share + (share / 2));
    }

    [Fact]
    public void Of_OneSiloLess_MovesLittleMoreThanItsUsers()
    {
        var silos = Silos(4, 4, 4, 4);
        Assert.InRange(Moved(silos, silos.Skip(1)), 250, 375);
    }

    private static int Moved(IEnumerable<(SiloAddress, int)> before, IEnumerable<(SiloAddress, int)> after)
    {
        var (old, now) = (UserSpread.Of(Users, [.. before]), UserSpread.Of(Users, [.. after]));
        return Users.Count(user => !old[user].Equals(now[user]));
    }

    private static (SiloAddress Silo, int Slots)[] Silos(params int[] slots) =>
    [
        .. slots.Select((count, number) =>
            (SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 11_111 + number), 1), count)),
    ];
}
