namespace CoMiGS.Grains.Storage;

internal static class GrainStateExtensions
{
    /// <summary>Saves a grain's next state. When that fails nobody knows which state is stored, so the activation ends
    /// and the next one reads it.</summary>
    public static async Task SaveAsync<TState>(this Grain grain, IPersistentState<TState> state, TState next)
    {
        state.State = next;
        try
        {
            await state.WriteStateAsync();
        }
        catch
        {
            grain.DeactivateOnIdle();
            throw;
        }
    }
}
