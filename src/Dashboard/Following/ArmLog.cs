using CoMiGS.Interfaces.Experiments;
using CoMiGS.Results;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Dashboard.Following;

/// <summary>What metrics.jsonl of one arm says so far.</summary>
internal sealed class ArmLog(Arm arm)
{
    private readonly AppendedLines lines = new(PathOf(arm));
    private readonly Dictionary<string, int> indices =
        arm.Spec.Users.Select((user, index) => (user.Id, index)).ToDictionary(user => user.Id, user => user.index);
    private readonly List<RoundFigures> rounds = [];
    private readonly UserTotals[] totals = [.. arm.Spec.Users.Select(_ => new UserTotals())];

    public Arm Arm => arm;

    /// <summary>Of its metrics.jsonl.</summary>
    public string Path => PathOf(arm);

    public IReadOnlyList<UserSpec> Users => arm.Spec.Users;

    /// <summary>In order, from round 1.</summary>
    public IReadOnlyList<RoundFigures> Rounds => rounds;

    /// <summary>Lines that could not be read; a file that was damaged is shown as far as it goes.</summary>
    public int DamagedLines { get; private set; }

    /// <summary>How often rounds that were known have been told anew.</summary>
    public int Retellings { get; private set; }

    /// <returns>Whether there was anything new.</returns>
    public bool Refresh()
    {
        var isNew = lines.StartsOver();
        if (isNew)
        {
            DamagedLines = 0;
            Forget(fromRound: 1);
        }

        foreach (var line in lines.Read())
        {
            Add(line);
            isNew = true;
        }

        return isNew;
    }

    /// <summary>Negative: the arm has no such user.</summary>
    public int IndexOf(string user) => indices.GetValueOrDefault(user, -1);

    public UserTotals TotalsOf(int user) => totals[user];

    private static string PathOf(Arm arm) => System.IO.Path.Combine(arm.Spec.Output, MetricsFile.Name);

    private void Add(string line)
    {
        if (MetricsLine.Read(line) is not { } read)
        {
            DamagedLines++;
            return;
        }

        Forget(read.Round);   // a run that was resumed may tell a round again
        rounds.Add(RoundFigures.Of(read, IndexOf));
        Count(rounds[^1]);
    }

    private void Count(RoundFigures round)
    {
        for (var place = 0; place < round.Users.Length; place++)
        {
            totals[round.Users[place]].Add(round, place);
        }

        foreach (var (user, perplexity) in round.OnlyMeasured)
        {
            totals[user].Measure(perplexity);
        }

        foreach (var user in round.Missing.Select(IndexOf).Where(user => user >= 0))
        {
            totals[user].Miss();
        }
    }

    private void Forget(int fromRound)
    {
        if (rounds.Count == 0 || rounds[^1].Round < fromRound)
        {
            return;
        }

        Retellings++;
        rounds.RemoveAll(round => round.Round >= fromRound);
        Array.ForEach(totals, user => user.Clear());
        rounds.ForEach(Count);
    }
}

/// <summary>A user's figures over all rounds so far.</summary>
internal sealed class UserTotals
{
    private readonly List<float> perplexities = [];

    public int Rounds { get; private set; }

    public int Missed { get; private set; }

    /// <summary>Of its last round; NaN before its first.</summary>
    public double Loss { get; private set; } = double.NaN;

    /// <summary>Of its last round; NaN before its first.</summary>
    public double Seconds { get; private set; } = double.NaN;

    /// <summary>When last measured; NaN: never.</summary>
    public double Perplexity => perplexities.Count == 0 ? double.NaN : perplexities[^1];

    /// <summary>Whenever measured, in order.</summary>
    public IReadOnlyList<float> Perplexities => perplexities;

    public void Add(RoundFigures round, int place)
    {
        Rounds++;
        Loss = round.Losses[place];
        Seconds = round.UserSeconds[place];
        Measure(round.Perplexities[place]);
    }

    public void Miss() => Missed++;

    /// <summary>NaN, and what has grown beyond all numbers, is no figure.</summary>
    public void Measure(double perplexity)
    {
        if (float.IsFinite((float)perplexity))
        {
            perplexities.Add((float)perplexity);
        }
    }

    public void Clear()
    {
        (Rounds, Missed, Loss, Seconds) = (0, 0, double.NaN, double.NaN);
        perplexities.Clear();
    }
}
