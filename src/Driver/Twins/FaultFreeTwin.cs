using CoMiGS.Learning;
using CoMiGS.Results.RunFiles;

namespace CoMiGS.Driver.Twins;

/// <summary>The same experiment in which nothing goes wrong on purpose.</summary>
internal static class FaultFreeTwin
{
    /// <exception cref="BadInputException">The run has no fault plan.</exception>
    public static RunFile Of(RunFile file, string name) => file.Faults.IsEmpty
        ? throw new BadInputException($"{name} has no fault plan; 'faults' in a run file says what is to go wrong.")
        : file with
        {
            Name = $"{file.Name}-without-faults",
            Faults = [],
            // Without devices and delays nobody is late, and there is no clock to hold a deadline against.
            Round = file.Devices is null ? file.Round with { SimulatedDeadlineSeconds = null } : file.Round,
        };
}
