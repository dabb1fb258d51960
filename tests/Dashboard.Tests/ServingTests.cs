using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using CoMiGS.Dashboard.Serving;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Driver.Tests;
using CoMiGS.Learning;

namespace CoMiGS.Dashboard.Tests;

/// <summary>Who may ask, and what is answered.</summary>
public sealed class ServingTests : IAsyncLifetime
{
    private readonly Workspace workspace = new();
    private readonly AdapterTracer tracer = new();
    private readonly HttpClient client = new(new HttpClientHandler { AllowAutoRedirect = false });
    private ResultsWriter results = null!;

    public ValueTask InitializeAsync()
    {
        results = new(workspace);
        results.WriteRounds(1, 3, 2);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        client.Dispose();
        tracer.Dispose();
        workspace.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Answer_ThisMachine_HasAStrictPolicy()
    {
        await using var server = await ServeAsync(null);
        var answer = await client.GetAsync(server.Address + "api/overview");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("require-trusted-types-for 'script'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
        Assert.StartsWith("http://127.0.0.1:", server.Address, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("10.0.0.7")]
    public async Task Answer_AnotherHostsName_IsRefused(string host)
    {
        await using var server = await ServeAsync(null);
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Address + "api/overview");
        request.Headers.Host = host;
        var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
        Assert.DoesNotContain("tiny", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_ToOthersWithoutTheToken_IsRefused()
    {
        await using var server = await ServeAsync("127.0.0.1");
        var (page, token) = Split(server.Address);
        Assert.Equal(48, token.Length);
        foreach (var path in new[] { "", "api/overview", "api/events", "app.js", "?token=", $"?token={token[1..]}" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync(page + path)).StatusCode);
        }

        using var wrong = new HttpRequestMessage(HttpMethod.Get, page + "api/overview");
        wrong.Headers.Authorization = new AuthenticationHeaderValue("Bearer", new string('0', token.Length));
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.SendAsync(wrong)).StatusCode);
    }

    [Fact]
    public async Task Answer_TokenInTheAddress_BecomesACookie()
    {
        await using var server = await ServeAsync("127.0.0.1");
        var (page, token) = Split(server.Address);
        var first = await client.GetAsync(server.Address);
        Assert.Equal(HttpStatusCode.Redirect, first.StatusCode);
        Assert.Equal("/", first.Headers.Location!.OriginalString);
        var cookie = first.Headers.GetValues("Set-Cookie").Single();
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);

        // The handler keeps the cookie; a script says the token in a header.
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(page + "api/overview")).StatusCode);
        using var other = new HttpClient();
        other.DefaultRequestHeaders.Authorization = new("Bearer", token);
        Assert.Equal(HttpStatusCode.OK, (await other.GetAsync(page + "api/overview")).StatusCode);
    }

    [Theory]
    [InlineData("api/rounds?arm=nobody", "nobody")]
    [InlineData("api/user?arm=comigs-1g1s@own&user=../a", "../a")]
    [InlineData("api/round?arm=comigs-1g1s@own&round=9", "9")]
    [InlineData("api/users?arm=comigs-1g1s@own&offset=-1", "offset")]
    public async Task Answer_WhatIsNotThere_SaysSoInOneSentence(string path, string word)
    {
        await using var server = await ServeAsync(null);
        var answer = await client.GetAsync(server.Address + path);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("error").GetString();
        Assert.Contains(word, problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_FormOfAnotherPage_IsRefused()
    {
        await using var server = await ServeAsync(null);
        var order = """{"arm":"comigs-1g1s@own","user":"a","text":"x"}""";
        using var form = new StringContent(order, Encoding.UTF8, "text/plain");
        var answer = await client.PostAsync(server.Address + "api/trace", form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Trace_BookInsteadOfAText_IsRefused()
    {
        await using var server = await ServeAsync(null);
        var answer = await client.PostAsJsonAsync(
            server.Address + "api/trace", new { arm = "comigs-1g1s@own", user = "a", text = new string('x', 70_000) });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Trace_BeforeAdaptersAreWritten_SaysWhy()
    {
        await using var server = await ServeAsync(null);
        var answer = await client.PostAsJsonAsync(
            server.Address + "api/trace", new { arm = "comigs-1g1s@own", user = "a", text = "x" });
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("--dashboard", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trace_FinishedRun_IsTheOneTheRunItselfMade()
    {
        Assert.Equal(0, (await Workspace.RunAsync("run", workspace.RunFile, "--out", workspace.At("ran"))).ExitCode);
        var kept = JsonDocument.Parse(File.ReadAllText(workspace.At("ran/traces.json"))).RootElement[0];
        await using var server = await ServeAsync(null, workspace.At("ran"));
        var answer = await client.PostAsJsonAsync(server.Address + "api/trace", new
        {
            arm = "comigs-1g1s@own",
            user = kept.GetProperty("user").GetString(),
            text = File.ReadAllText(workspace.At("data/a/sample.txt")),
        });
        var made = await answer.Content.ReadFromJsonAsync<JsonElement>();
        var trace = kept.GetProperty("trace");
        Assert.Equal(trace.GetProperty("tokens").ToString(), made.GetProperty("tokens").ToString());
        Assert.Equal(trace.GetProperty("firstExperts").ToString(), made.GetProperty("experts").ToString());
        var weight = made.GetProperty("weights")[0][0].GetDouble();
        Assert.Equal(trace.GetProperty("firstWeights")[0][0].GetDouble(), weight, 0.001);
        Assert.InRange(weight, 0.5, 1);
    }

    [Fact]
    public async Task Events_NewRound_AreTold()
    {
        await using var server = await ServeAsync(null);
        await using var stream = await client.GetStreamAsync(server.Address + "api/events");
        using var reader = new StreamReader(stream);
        Assert.Equal("data: 0", await reader.ReadLineAsync());
        Assert.Equal("", await reader.ReadLineAsync());
        results.WriteRounds(4, 4, 2);
        Assert.Equal("data: 1", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task Start_PortTaken_IsBadInput()
    {
        await using var server = await ServeAsync(null);
        var port = new Uri(server.Address).Port;
        var refused = await Assert.ThrowsAsync<BadInputException>(() => DashboardServer.StartAsync(
            results.Folder, DashboardSettings.Of(null, port), tracer, CancellationToken.None));
        Assert.Contains(ResultsWriter.Number(port), refused.Message, StringComparison.Ordinal);
        Assert.Throws<BadInputException>(() => DashboardSettings.Of("everywhere", 0));
    }

    private static (string Page, string Token) Split(string address)
    {
        var parts = address.Split("?token=");
        return (parts[0], parts[1]);
    }

    private Task<DashboardServer> ServeAsync(string? listen, string? folder = null)
    {
        Browsing.RequirePage();
        return DashboardServer.StartAsync(
            folder ?? results.Folder, DashboardSettings.Of(listen, 0), tracer, CancellationToken.None);
    }
}
