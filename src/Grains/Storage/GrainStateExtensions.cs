using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Storage;

internal static class GrainStateExtensions
{
    /// <summary>Saves a grain's next state. When that fails nobody knows which state is stored, so the activation ends
    /// and the next one reads it.</summary>
    /// <exception cref="ExperimentFailedException">The disk is full.</exception>
    public static async Task SaveAsync<TState>(this Grain grain, IPersistentState<TState> state, TState next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch (Exception failed)
        {
            grain.DeactivateOnIdle();
            if (DiskFull.SentenceOf(failed) is { } full)
            {
                throw new ExperimentFailedException(full, failed);
            }

            throw;
        }
    }
}
