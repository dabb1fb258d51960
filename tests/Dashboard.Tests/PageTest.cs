using CoMiGS.Dashboard.Serving;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Driver.Tests;

namespace CoMiGS.Dashboard.Tests;

/// <summary>A test that serves results of its own to the one browser. Such tests take turns: a tab behind another one
/// draws nothing.</summary>
[Collection(nameof(Browsing))]
public abstract class PageTest : IDisposable
{
    private readonly AdapterTracer tracer = new();

    private protected Workspace Workspace { get; } = new();

    public void Dispose()
    {
        tracer.Dispose();
        Workspace.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected Task<DashboardServer> ServeAsync(string folder)
    {
        Browsing.RequirePage();
        return DashboardServer.StartAsync(folder, DashboardSettings.Of(null, 0), tracer, CancellationToken.None);
    }
}
