using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Loader;
using TorchSharp;

namespace TorchSharpContract;

/// <summary>Loads the managed assembly a second time, where its native library is not. Needs no libtorch.</summary>
public sealed class MissingLibraryTests
{
    private const string Variable = "COMIGS_TORCH_NATIVE";

    [Fact]
    public void FirstUse_NoNativeLibrary_ThrowsOneSentenceOfWhatToDo()
    {
        var error = FirstUse("/nowhere");
        var message = Assert.IsType<NotSupportedException>(error).Message;
        Assert.Contains("./comigs setup", message);
        Assert.Contains(Variable, message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void FirstUse_FileThatIsNoLibrary_NamesIt()
    {
        var file = Path.GetTempFileName();
        try
        {
            Assert.Contains(file, Assert.IsType<NotSupportedException>(FirstUse(file)).Message);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void FirstUse_LibraryWithoutTheInterface_NamesTheVersions()
    {
        var other = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "libSystem.Native.so");
        Assert.Contains("version 0", Assert.IsType<NotSupportedException>(FirstUse(other)).Message);
    }

    private static Exception? FirstUse(string native)
    {
        var path = typeof(torch).Assembly.Location;
        Assert.SkipUnless(
            Path.GetFileName(path) == "TorchSharp.Offline.dll", "The official packages bring their native library.");
        var before = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, native);
        try
        {
            var copy = new AssemblyLoadContext("without libtorch", isCollectible: false).LoadFromAssemblyPath(path);
            var enable = copy.GetType("TorchSharp.torch")!.GetMethod(nameof(torch.get_num_threads))!;
            return Assert.Throws<TargetInvocationException>(() => enable.Invoke(null, null)).InnerException;
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, before);
        }
    }
}
