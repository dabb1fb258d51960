using System.Reflection;

namespace CoMiGS.Results;

/// <summary>Which program made a result.</summary>
internal static class ProgramVersion
{
    /// <summary>Version and, built in a git checkout, commit: 1.0.0+COMMIT.</summary>
    public static string Text { get; } = typeof(ProgramVersion).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
