using CoMiGS.Results;

namespace CoMiGS.Driver.Benching;

/// <summary>Circumstances under which a trainer's speed is measured.</summary>
internal sealed record SpeedRow(int Threads, int Users, int Experts)
{
    /// <summary>The first of every factor, then each varied alone; or every combination.</summary>
    public static IReadOnlyList<SpeedRow> Varied(int[] threads, int[] users, int[] experts, bool isAll)
    {
        var all = from thread in threads
                  from user in users
                  from expert in experts
                  select new SpeedRow(thread, user, expert);
        var first = new SpeedRow(threads[0], users[0], experts[0]);
        return [.. all.Distinct().Where(row => isAll || row.DistanceTo(first) <= 1)];
    }

    public override string ToString() =>
        $"{Figures.Plural(Threads, "thread")}, {Figures.Plural(Users, "user")}, {Figures.Plural(Experts, "expert")}";

    /// <summary>Factors that differ.</summary>
    private int DistanceTo(SpeedRow other) =>
        (Threads != other.Threads ? 1 : 0) + (Users != other.Users ? 1 : 0) + (Experts != other.Experts ? 1 : 0);
}
