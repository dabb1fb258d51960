using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>Finds and loads libcomigs_torch.so on first use. The managed assembly itself loads without it.</summary>
internal static class NativeBackend
{
    /// <summary>CT_ABI_VERSION of comigs_torch.h that this assembly was written for.</summary>
    private const int AbiVersion = 1;

    private const string FileName = "libcomigs_torch.so";
    private const string Variable = "COMIGS_TORCH_NATIVE";

    private static readonly string BuildFolder = Path.Combine("offline", "TorchSharp", "native", "build");
    private static readonly Lazy<(nint Library, string? Failure)> Loaded = new(Load);

    static NativeBackend() => NativeLibrary.SetDllImportResolver(
        typeof(NativeBackend).Assembly, (name, _, _) => name == NativeMethods.Library ? Loaded.Value.Library : 0);

    /// <summary>Loads the library if that has not happened yet.</summary>
    /// <exception cref="NotSupportedException">It is missing, cannot be loaded, or is of another version. The message
    /// says which and what to do. The type is upstream's for a missing native package.</exception>
    public static void EnsureLoaded()
    {
        if (Loaded.Value.Failure is { } failure)
        {
            throw new NotSupportedException(failure);
        }
    }

    /// <summary>Turns a native function's status into upstream's exception.</summary>
    /// <exception cref="ExternalException">libtorch refused; the message is libtorch's.</exception>
    public static void Check(int status)
    {
        if (status != 0)
        {
            throw new ExternalException(Marshal.PtrToStringUTF8(NativeMethods.ct_error()));
        }
    }

    private static (nint Library, string? Failure) Load()
    {
        if (Find() is not { } path)
        {
            return (0, $"Torch is not set up: no {FileName} where {Variable} points, beside the program, or in "
                + $"{BuildFolder} of a folder above {AppContext.BaseDirectory}. Run ./comigs setup --torch "
                + "(it needs libtorch-dev, libopenblas0-pthread and g++), or use --device cpu.");
        }

        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            return (0, $"Torch is not set up: {path} cannot be loaded "
                + $"({error.Message.ReplaceLineEndings(" ").Trim()}). "
                + "Install libtorch-dev and libopenblas0-pthread and run ./comigs setup --torch, or use --device cpu.");
        }

        var version = CallVersion(library);
        return version == AbiVersion
            ? (library, null)
            : (0, $"Torch is not set up: {path} has version {version} of the interface and this program needs "
                + $"{AbiVersion}. Run ./comigs setup --torch to build it again.");
    }

    // By hand: going through NativeMethods here would ask the resolver for the library that is still being loaded.
    private static unsafe int CallVersion(nint library) =>
        NativeLibrary.TryGetExport(library, nameof(NativeMethods.ct_abi_version), out var address)
            ? ((delegate* unmanaged<int>)address)()
            : 0;

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } chosen)
        {
            var file = Directory.Exists(chosen) ? Path.Combine(chosen, FileName) : chosen;
            return File.Exists(file) ? Path.GetFullPath(file) : null;
        }

        if (Path.Combine(AppContext.BaseDirectory, FileName) is var beside && File.Exists(beside))
        {
            return beside;
        }

        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var built = Path.Combine(folder.FullName, BuildFolder, FileName);
            if (File.Exists(built))
            {
                return built;
            }
        }

        return null;
    }
}
