namespace CoMiGS.Driver.Benching;

/// <summary>Two ways to do one thing, measured in turn on one machine.</summary>
internal static class TurnByTurn
{
    /// <param name="measure">Told whether it is the turn of what is tried, or of doing without.</param>
    /// <returns>As many of each as there are turns; those at one place belong together.</returns>
    public static async Task<(List<T> Without, List<T> With)> MeasureAsync<T>(int turns, Func<bool, Task<T>> measure)
    {
        var (without, with) = (new List<T>(), new List<T>());
        for (var turn = 0; turn < turns; turn++)
        {
            // Whoever comes second has the warmer machine: take turns at that, too.
            foreach (var isWith in turn % 2 == 0 ? [false, true] : new[] { true, false })
            {
                (isWith ? with : without).Add(await measure(isWith));
            }
        }

        return (without, with);
    }
}
