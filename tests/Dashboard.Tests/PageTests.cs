using System.Text.Json;
using CoMiGS.Dashboard.Reporting;
using CoMiGS.Driver.Tests;

namespace CoMiGS.Dashboard.Tests;

/// <summary>The page in a real browser.</summary>
public sealed class PageTests(Browsing browsing) : PageTest
{
    private const string Markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";

    private static readonly string[] Pages = ["overview", "learning", "rounds", "users", "tokens"];

    [Fact]
    public async Task LiveRun_FollowedOnItsPage_GrowsWithoutReload()
    {
        Browsing.RequirePage();
        await using var run = await LiveRun.StartAsync(
            Workspace, "rounds=100000", "baselines=[]", "targets=[own]", "adapters=false");
        await using var tab = await browsing.OpenAsync(run.Address);
        await tab.UntilAsync("document.querySelector('progress')?.value >= 1");
        await tab.AskAsync<object?>("window.isTheSamePage = true");
        var before = await tab.AskAsync<int>("document.querySelector('progress').value");
        await tab.UntilAsync($"document.querySelector('progress').value >= {before} + 5");
        Assert.True(await tab.AskAsync<bool>("window.isTheSamePage === true"));
        await AssertChartHasInkAsync(tab);
        Assert.Matches("left", await tab.AskAsync<string>("document.querySelector('.status').textContent"));
        Assert.Equal("off", await tab.AskAsync<string>("document.querySelector('.status').ariaLive"));

        await tab.TurnToAsync("tokens");
        await tab.UntilAsync("document.querySelectorAll('.token').length > 10");
        Assert.Empty(tab.Complaints);

        await run.KillAsync();
        await tab.UntilAsync("document.querySelector('.status').textContent.startsWith('No connection')");
        Assert.Equal("polite", await tab.AskAsync<string>("document.querySelector('.status').ariaLive"));
        Assert.NotEqual(0, await tab.AskAsync<int>("document.querySelectorAll('.token').length"));
    }

    [Theory]
    [InlineData((int)Screen.Light)]
    [InlineData((int)Screen.Dark)]
    [InlineData((int)Screen.Phone)]
    public async Task FinishedRun_EveryPage_HasFiguresAndKeepsNobodyOut(int screen)
    {
        var folder = await RunAsync();
        await using var server = await ServeAsync(folder);
        await using var tab = await browsing.OpenAsync(server.Address, (Screen)screen);
        foreach (var page in Pages)
        {
            await tab.UntilAsync("document.querySelector('nav')");
            await tab.TurnToAsync(page);
            await tab.UntilAsync(page switch
            {
                "users" => "document.querySelectorAll('.virtual .row button').length === 2",
                "tokens" => "document.querySelectorAll('.token').length > 10",
                _ => "document.querySelector('.chart canvas')",
            });
            await tab.PictureAsync($"{(Screen)screen}-{page}".ToLowerInvariant());
            Assert.Empty(await tab.FindingsAsync());
            var tooWide = await tab.AskAsync<int>("document.documentElement.scrollWidth - window.innerWidth");
            Assert.True(tooWide <= 0, $"{page} is {tooWide} pixels wider than the screen.");
            if (page is not ("users" or "tokens"))
            {
                await AssertChartHasInkAsync(tab);
            }

            await AssertPicturesAreTablesTooAsync(tab);
        }

        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task TenThousandUsers_Scrolled_StaysSmallAndQuick()
    {
        var results = new ResultsWriter(Workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 40, 2000);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address);
        await tab.UntilAsync("document.querySelector('nav')");
        await tab.TurnToAsync("users");
        await tab.UntilAsync("document.querySelectorAll('.virtual .row button').length > 10");
        await tab.PictureAsync("many-users");
        await tab.AskAsync<object?>("""
            window.longest = 0
            new PerformanceObserver(list => list.getEntries().forEach(
              entry => window.longest = Math.max(window.longest, entry.duration))).observe({ type: 'longtask' })
            """);
        var most = await tab.AskAsync<int>("""
            (async () => {
              const list = document.querySelector('.virtual')
              let most = 0
              for (let top = 0; top < list.scrollHeight; top += list.scrollHeight / 120) {
                list.scrollTop = top
                await new Promise(requestAnimationFrame)
                most = Math.max(most, document.querySelectorAll('*').length)
              }
              list.scrollTop = list.scrollHeight
              return most
            })()
            """);
        var longest = await tab.AskAsync<double>("window.longest");
        TestContext.Current.TestOutputHelper?.WriteLine($"{most} elements, longest task {longest} ms");
        Assert.InRange(most, 50, 1500);
        await tab.UntilAsync(
            "[...document.querySelectorAll('.virtual .row button')].some(row => row.textContent === 'phone-10000')");

        await tab.Page.TypeAsync("#search", "0420");
        await tab.UntilAsync("document.querySelector('[role=status].hint').textContent.startsWith('11 users')");
        await tab.TurnToAsync("learning");
        await AssertChartHasInkAsync(tab);
        await tab.PictureAsync("many-learning");
        await tab.TurnToAsync("rounds");
        await tab.UntilAsync("document.querySelectorAll('.waterfall .row .bar i').length > 20");
        await tab.PictureAsync("many-rounds");
        await tab.AskAsync<object?>("""
            (() => { const slider = document.querySelector('#round'); slider.value = 30
              slider.dispatchEvent(new Event('input')) })()
            """);
        await using var linked = await browsing.OpenAsync(tab.Page.Url);
        await linked.UntilAsync("document.querySelector('#round')?.value === '30'");
        Assert.True(await tab.AskAsync<bool>(
            "document.body.textContent.includes('<b onclick=alert(1)>its silo died</b>')"));
        Assert.Equal(0, await tab.AskAsync<int>("document.querySelectorAll('b').length"));
        Assert.Empty(await tab.FindingsAsync());

        await tab.Page.BringToFrontAsync();
        await tab.ChangeAnswersAsync("api/round?", "throw new Error('gone')");
        await tab.AskAsync<object?>("document.querySelector('.controls .quiet:not([aria-label])').click()");
        await tab.UntilAsync("document.querySelector('[role=status].hint').textContent === 'gone'");
        await tab.UntilAsync("document.querySelectorAll('.waterfall .row').length === 0");
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task AnswerThatANewerSearchOvertakes_ChangesNothing()
    {
        var results = new ResultsWriter(Workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 4, 50);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/users");
        await tab.UntilAsync("document.querySelectorAll('.virtual .row button').length > 10");
        await tab.ChangeAnswersAsync("offset=9900", "await new Promise(late => { window.answerLate = late })");
        await tab.AskAsync<object?>("document.querySelector('.virtual').scrollTop = 1e6");
        await tab.UntilAsync("window.answerLate");
        await tab.Page.TypeAsync("#search", "09999");
        await tab.UntilAsync("document.querySelector('[role=status].hint').textContent === '1 user.'");
        await tab.AskAsync<object?>("window.answerLate()");
        await tab.AskAsync<object?>(
            "new Promise(requestAnimationFrame).then(() => new Promise(requestAnimationFrame))");
        Assert.Equal(
            "1 user.", await tab.AskAsync<string>("document.querySelector('[role=status].hint').textContent"));
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task UserList_MovedInByKeys_KeepsItsFocus()
    {
        const string Place = "Number(document.activeElement.closest('.row')?.ariaPosInSet)";
        var results = new ResultsWriter(Workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 20, 2000);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/users");
        await tab.UntilAsync("document.querySelector('.virtual .row.chosen')");
        Assert.Equal(1, await tab.AskAsync<int>("document.querySelectorAll('.virtual [tabindex=\"0\"]').length"));
        await tab.Page.FocusAsync(".virtual .row button");
        await tab.Page.Keyboard.PressAsync("ArrowDown");
        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.UntilAsync("document.activeElement.ariaPressed === 'true'");
        Assert.Equal(2, await tab.AskAsync<int>(Place));
        await tab.Page.Keyboard.PressAsync("End");
        await tab.UntilAsync($"{Place} === 10000");
        Assert.Matches(
            "^phone-10000, perplexity .+, loss .+, [0-9]+ rounds, [0-9]+ missed$",
            await tab.AskAsync<string>("document.activeElement.ariaLabel"));

        await tab.Page.Keyboard.PressAsync("Enter");
        await tab.UntilAsync("document.querySelector('h3').textContent === 'phone-10000'");
        await tab.AskAsync<object?>("document.querySelector('#page .card:last-child > div > details').open = true");
        await tab.UntilAsync("document.querySelectorAll('#page details tbody tr').length > 0");
        var known = await tab.AskAsync<int>("document.querySelectorAll('#page details tbody tr').length");
        await tab.AskAsync<object?>("window.label = document.activeElement.ariaLabel");
        results.WriteRounds(21, 21, 10_000);
        await tab.UntilAsync($"document.querySelectorAll('#page details tbody tr').length === {known} + 1");
        await tab.UntilAsync("document.activeElement.ariaLabel !== window.label");
        Assert.Equal(10_000, await tab.AskAsync<int>(Place));
        await tab.Page.Keyboard.PressAsync("PageUp");
        await tab.UntilAsync($"{Place} < 10000");

        await tab.TurnToAsync("rounds");
        await tab.UntilAsync("document.querySelector('.waterfall button')");
        await tab.Page.FocusAsync(".waterfall .row button");
        await tab.Page.Keyboard.PressAsync("End");
        await tab.UntilAsync($"{Place} === 10000");
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task Theme_Switched_IsInTheChartsAndStays()
    {
        var folder = await RunAsync();
        await using var server = await ServeAsync(folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/toString");
        await AssertChartHasInkAsync(tab);
        await tab.Page.ClickAsync("header button");
        await tab.UntilAsync("""
            (() => {
              const canvas = document.querySelector('.chart canvas')
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
              const [r, g, b] = [0x7d, 0xb4, 0xf0]   // --line-0 where it is dark
              return data.some((_, i) => i % 4 === 0 && data[i] === r && data[i + 1] === g && data[i + 2] === b)
            })()
            """);
        await tab.AskAsync<object?>(
            "matchMedia('(prefers-color-scheme: dark)').onchange = event => { window.isDark = event.matches }");
        foreach (var isDark in new[] { true, false })
        {
            await tab.PreferAsync(isDark);
            await tab.UntilAsync($"window.isDark === {(isDark ? "true" : "false")}");
            Assert.Equal("dark", await tab.AskAsync<string>("document.documentElement.dataset.theme"));
        }

        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task Waterfall_OfTheNewestRound_KeepsItsPlaceWhenAnotherEnds()
    {
        var results = new ResultsWriter(Workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 4, 200);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/rounds");
        await tab.UntilAsync("document.querySelectorAll('.waterfall .row .bar i').length > 5");
        await tab.AskAsync<object?>("document.querySelector('.virtual').scrollTop = 700");
        await tab.UntilAsync("document.querySelector('.virtual [aria-posinset=\"28\"] .bar i')");
        var before = await tab.AskAsync<string>("document.querySelector('.virtual').textContent");
        results.WriteRounds(5, 5, 200);
        await tab.UntilAsync("document.querySelector('#round').value === '5'");
        await tab.UntilAsync($"document.querySelector('.virtual').textContent !== {JsonSerializer.Serialize(before)}");
        Assert.Equal(700, await tab.AskAsync<int>("document.querySelector('.virtual').scrollTop"));
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task View_Left_EndsItsChartAndItsLateAnswers()
    {
        var results = new ResultsWriter(Workspace);
        results.WriteRounds(1, 6, 2);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync(server.Address);
        await AssertChartHasInkAsync(tab);
        await tab.AskAsync<object?>("window.chart = document.querySelector('.chart')");
        await tab.ChangeAnswersAsync("api/users", "await new Promise(late => { window.answerLate = late })");
        await tab.TurnToAsync("users");
        await tab.UntilAsync("window.answerLate");
        Assert.Equal(0, await tab.AskAsync<int>("window.chart.childElementCount"));

        await tab.AskAsync<object?>("window.list = document.querySelector('.virtual')");
        await tab.TurnToAsync("learning");
        await tab.AskAsync<object?>("window.answerLate()");
        await tab.UntilAsync("window.list.firstChild.style.height === '72px'");
        Assert.StartsWith("#/learning", await tab.AskAsync<string>("location.hash"), StringComparison.Ordinal);
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task UnfinishedRun_WithoutNews_SaysSoOnAnOpenPage()
    {
        var results = new ResultsWriter(Workspace, "rounds=20");
        results.WriteRounds(1, 10, 2);
        await using var server = await ServeAsync(results.Folder);
        await using var tab = await browsing.OpenAsync("about:blank");
        await tab.Page.EvaluateFunctionOnNewDocumentAsync("""
            () => {
              const ordinary = setInterval
              window.setInterval = (act, pause) => ordinary(act, pause / 100)
            }
            """);
        await tab.ChangeAnswersAsync(
            "api/rounds",
            "body.rounds = body.rounds.slice(0, 4); body.rounds.forEach(round => { round.missCount *= 31 })");
        await tab.Page.GoToAsync(server.Address);
        await tab.UntilAsync("document.querySelector('.state')?.textContent.endsWith('10 of 20 rounds.')");
        foreach (var file in Directory.GetFiles(results.Folder))
        {
            File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file) - TimeSpan.FromMinutes(10));
        }

        await tab.UntilAsync("document.querySelector('.state').textContent.includes('No news for 1')");

        // All of the rounds, however few come at a time; all of the faults, however few are told.
        await tab.TurnToAsync("rounds");
        await tab.UntilAsync("document.querySelector('#round')?.max === '10'");
        Assert.StartsWith(
            "3 of 93,", await tab.AskAsync<string>("document.querySelector('caption').textContent"),
            StringComparison.Ordinal);
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task TokenView_TextWithMarkup_StaysText()
    {
        var folder = await RunAsync();
        await using var server = await ServeAsync(folder);
        await using var tab = await browsing.OpenAsync(server.Address + "#/tokens");
        await tab.UntilAsync("document.querySelectorAll('.token').length > 10");
        await tab.AskAsync<object?>("document.querySelector('#page details').open = true");
        await tab.ChangeAnswersAsync("api/trace", "Object.assign(body, { isCut: true })");
        await tab.Page.EvaluateFunctionAsync("text => { document.querySelector('#text').value = text }", Markup);
        await tab.Page.ClickAsync("form button[type=submit]");
        // As many tokens as the run's sequences have, and they are bytes here.
        await tab.UntilAsync("document.querySelector('.tokens')?.textContent === '<img src'");
        Assert.Equal("<", await tab.AskAsync<string>("document.querySelector('#page tbody th').textContent"));
        Assert.StartsWith(
            "The text was cut after 8 tokens",
            await tab.AskAsync<string>("document.querySelector('[role=status].hint').textContent"),
            StringComparison.Ordinal);
        Assert.Equal(0, await tab.AskAsync<int>("document.querySelectorAll('#page img, #page script').length"));

        await tab.Page.EvaluateFunctionAsync("text => { document.querySelector('#users').value = text }", Markup);
        await tab.Page.ClickAsync("form button[type=submit]");
        await tab.UntilAsync("document.querySelector('[role=status].hint').textContent.includes('onerror=alert(1)')");
        Assert.Equal(0, await tab.AskAsync<int>("document.querySelectorAll('#page img, #page script').length"));
    }

    [Fact]
    public async Task Report_OpenedAsAFile_HasTheSamePicturesAndAsksNobody()
    {
        var folder = await RunAsync();
        await using var tab = await browsing.OpenAsync($"file://{folder}/report.html");
        var asked = 0;
        tab.Page.Request += (_, request) =>
            asked += request.Request.Url.StartsWith("file:", StringComparison.Ordinal) ? 0 : 1;
        await tab.UntilAsync("document.querySelector('.chart canvas')");
        await AssertChartHasInkAsync(tab);
        foreach (var page in Pages)
        {
            await tab.TurnToAsync(page);
            await tab.PictureAsync($"report-{page}");
            Assert.Empty(await tab.FindingsAsync());
        }

        await tab.UntilAsync("document.querySelectorAll('#page .token').length > 10");
        var other = await tab.AskAsync<string>("document.querySelector('#arm').options[1].value");
        await tab.Page.SelectAsync("#arm", other);
        await tab.UntilAsync("document.querySelector('#page [role=status]').textContent.includes('main arm only')");
        Assert.Equal(0, await tab.AskAsync<int>("document.querySelectorAll('#page .traces .token').length"));
        Assert.Contains("wins with", await tab.AskAsync<string>("document.querySelector('.tables').textContent"),
            StringComparison.Ordinal);
        Assert.Equal(0, asked);
        Assert.Empty(tab.Complaints);
    }

    [Fact]
    public async Task Report_WithAPartOfTheUsers_SaysSo()
    {
        var report = Path.Combine(await RunAsync(), "report.html");
        var text = await File.ReadAllTextAsync(report, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            report, text.Replace("\"total\":2,", "\"total\":500,", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);
        await using var tab = await browsing.OpenAsync($"file://{report}#/rounds");
        await tab.UntilAsync(
            "document.querySelector('[role=status].hint')?.textContent.includes('has 2 of 500 users')");
        await tab.UntilAsync("document.querySelectorAll('.waterfall .row').length === 2");
    }

    [Fact]
    public async Task Report_WithoutScript_HasItsTablesAndItsChart()
    {
        var folder = await RunAsync();
        await using var tab = await browsing.OpenAsync("about:blank");
        await tab.Page.SetJavaScriptEnabledAsync(false);
        await tab.Page.GoToAsync($"file://{folder}/report.html");
        await tab.PictureAsync("report-without-script");
        Assert.Equal(0, await tab.AskAsync<int>("document.querySelectorAll('#app *').length"));
        Assert.True(await tab.AskAsync<int>("document.querySelectorAll('.tables table').length") >= 3);
        Assert.Equal(1, await tab.AskAsync<int>("document.querySelectorAll('.tables svg').length"));
    }

    [Fact]
    public void Report_OfTenThousandUsers_StaysReadable()
    {
        var results = new ResultsWriter(Workspace, ResultsWriter.Population10K);
        results.WriteRounds(1, 40, 2000);
        var run = Following.RunFolder.Open(results.Folder);
        var data = CoMiGS.Results.Json.WriteLine(ReportData.Of(run, []));
        Assert.InRange(data.Length, 100_000, 8_000_000);
    }

    /// <summary>The main arm and fedavg, two users, to the end.</summary>
    private async Task<string> RunAsync()
    {
        Browsing.RequirePage();
        var folder = Workspace.At("ran");
        var answer = await Workspace.RunAsync("run", Workspace.RunFile, "--set", "rounds=6", "--out", folder);
        Assert.Equal(0, answer.ExitCode);
        return folder;
    }

    /// <summary>Axes are thin and grey; lines and bars have colour.</summary>
    private static async Task AssertChartHasInkAsync(Tab tab) => await tab.UntilAsync("""
        (() => {
          const canvas = document.querySelector('.chart canvas')
          if (!canvas || canvas.width === 0) return false
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
          let coloured = 0
          for (let i = 0; i < data.length; i += 4) {
            const most = Math.max(data[i], data[i + 1], data[i + 2])
            coloured += data[i + 3] > 100 && most - Math.min(data[i], data[i + 1], data[i + 2]) > 60 ? 1 : 0
          }
          return coloured > 100
        })()
        """);

    private static async Task AssertPicturesAreTablesTooAsync(Tab tab)
    {
        await tab.AskAsync<object?>("document.querySelectorAll('#page details').forEach(one => { one.open = true })");
        await tab.UntilAsync("""
            [...document.querySelectorAll('#page details')].every(one => one.querySelectorAll('tbody tr').length > 0)
            """);
    }
}
