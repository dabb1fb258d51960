using CoMiGS.Grains.Rounds;
using CoMiGS.Grains.Tests.Support;

namespace CoMiGS.Grains.Tests.Rounds;

public sealed class TicketsTests
{
    [Fact]
    public void LongestFirst_StepsThenExperts_KeepsTheOrderOfEquals()
    {
        using var run = new TestRun(users: 5);
        var users = run.Spec.Users;
        run.Spec = run.Spec with
        {
            Users =
            [
                users[0], users[1] with { LocalSteps = 9 }, users[2] with { Experts = 8 }, users[3],
                users[4] with { MicroBatch = 20 },
            ],
        };
        var tickets = new Tickets(run.Spec, null!);

        Assert.Equal([4, 1, 2, 0, 3], tickets.LongestFirst([0, 1, 2, 3, 4]));
        Assert.Equal([1, 0], tickets.LongestFirst([3, 2]));
    }
}
