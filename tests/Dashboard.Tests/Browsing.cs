using System.Collections.Concurrent;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Driver.Tests;
using PuppeteerSharp;

namespace CoMiGS.Dashboard.Tests;

/// <summary>A real Chromium, one for all tests.</summary>
public sealed class Browsing : IAsyncLifetime
{
    private static readonly string[] Places =
        ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>Quiet, and able to run as root in a container.</summary>
    private static readonly string[] Arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    ];

    private IBrowser? browser;

    private static string? Program => Places.FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Program is { } program)
        {
            browser = await Puppeteer.LaunchAsync(
                new() { ExecutablePath = program, Headless = true, Args = Arguments });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }
    }

    /// <summary>Skips the test where the page was not built.</summary>
    public static void RequirePage() => Assert.SkipUnless(PageFiles.IsBuilt, PageFiles.Missing);

    /// <summary>A tab that keeps everything a person would find in the console. Skips the test without a browser.
    /// </summary>
    internal async Task<Tab> OpenAsync(string address, Screen screen = Screen.Light)
    {
        RequirePage();
        Assert.SkipWhen(
            browser is null, $"Chromium is not installed; ./comigs setup --browser does that ({Places[0]}).");
        return await Tab.OpenAsync(await browser!.NewPageAsync(), address, screen);
    }
}

[CollectionDefinition(nameof(Browsing))]
public sealed class BrowsingTests : ICollectionFixture<Browsing>;

/// <summary>What a page is looked at on.</summary>
internal enum Screen
{
    Light,
    Dark,
    Phone,
}

/// <summary>A page that is open.</summary>
internal sealed class Tab : IAsyncDisposable
{
    private const int PatienceMilliseconds = 30_000;

    private readonly ConcurrentQueue<string> complaints = [];

    private Tab(IPage page)
    {
        Page = page;
        page.Console += (_, message) =>
        {
            if (message.Message.Type is ConsoleType.Error or ConsoleType.Warning)
            {
                complaints.Enqueue(message.Message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Enqueue(error.Message);
    }

    public IPage Page { get; }

    /// <summary>Errors and warnings in the console.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    public static async Task<Tab> OpenAsync(IPage page, string address, Screen screen)
    {
        var tab = new Tab(page);
        await page.SetViewportAsync(screen == Screen.Phone
            ? new() { Width = 390, Height = 844, IsMobile = true, HasTouch = true, DeviceScaleFactor = 2 }
            : new() { Width = 1280, Height = 900 });
        await tab.PreferAsync(isDark: screen == Screen.Dark);
        await page.GoToAsync(address, WaitUntilNavigation.Load);
        return tab;
    }

    /// <summary>Waits until a script's condition holds.</summary>
    public Task UntilAsync(string condition) => Page.WaitForExpressionAsync(
        condition, new() { Timeout = PatienceMilliseconds, PollingInterval = 100 });

    public Task<T> AskAsync<T>(string script) => Page.EvaluateExpressionAsync<T>(script);

    public Task PreferAsync(bool isDark) => Page.EmulateMediaFeaturesAsync([new()
    {
        MediaFeature = MediaFeature.PrefersColorScheme,
        Value = isDark ? "dark" : "light",
    }]);

    /// <summary>What the server answers is another thing, from now on and after the next load.</summary>
    /// <param name="path">Part of the address of what is asked for.</param>
    /// <param name="script">Changes <c>body</c>, waits or throws.</param>
    public async Task ChangeAnswersAsync(string path, string script)
    {
        var change = $$"""
            () => {
              const ordinary = fetch
              window.fetch = async (address, ...rest) => {
                const answer = await ordinary(address, ...rest)
                if (!answer.ok || !String(address).includes('{{path}}')) return answer
                const body = await answer.json()
                {{script}}
                return Response.json(body)
              }
            }
            """;
        await Page.EvaluateFunctionAsync(change);
        await Page.EvaluateFunctionOnNewDocumentAsync(change);
    }

    /// <summary>Follows a link of the page's own.</summary>
    public async Task TurnToAsync(string name)
    {
        await AskAsync<object?>($"document.querySelector('nav a[href^=\"#/{name}\"]').click()");
        await UntilAsync($"document.querySelector('nav a[href^=\"#/{name}\"]').hasAttribute('aria-current')");
    }

    /// <summary>Findings of axe that keep people out.</summary>
    public async Task<string[]> FindingsAsync()
    {
        var axe = Repository.At("src/Dashboard/web/node_modules/axe-core/axe.min.js");
        await Page.EvaluateExpressionAsync(await File.ReadAllTextAsync(axe));
        return await AskAsync<string[]>("""
            axe.run().then(found => found.violations
              .filter(one => one.impact === 'serious' || one.impact === 'critical')
              .map(one => `${one.id}: ${one.nodes.map(node => node.target.join(' ')).join(', ')}`))
            """);
    }

    /// <summary>Keeps a picture for people, where COMIGS_SCREENSHOTS names a folder.</summary>
    public async Task PictureAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("COMIGS_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(Path.Combine(folder, $"{name}.png"), new() { FullPage = true });
        }
    }

    public async ValueTask DisposeAsync() => await Page.CloseAsync();
}
