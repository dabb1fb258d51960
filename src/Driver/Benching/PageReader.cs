using System.Net.ServerSentEvents;
using System.Text.Json;

namespace CoMiGS.Driver.Benching;

/// <summary>Asks a run's page for what a browser that shows it asks for: with every event the overview and each arm's
/// new rounds.</summary>
internal sealed class PageReader
{
    /// <summary>So far, from all runs.</summary>
    public int Answers { get; private set; }

    /// <summary>Until told to stop, or the run ends.</summary>
    public async Task FollowAsync(Uri page, CancellationToken stop)
    {
        using var client = new HttpClient { BaseAddress = page };
        try
        {
            var known = new Dictionary<string, int>();
            await using var events = await client.GetStreamAsync("api/events", stop);
            await foreach (var _ in SseParser.Create(events).EnumerateAsync(stop))
            {
                using var overview = await AskAsync(client, "api/overview", stop);
                foreach (var arm in overview.RootElement.GetProperty("arms").EnumerateArray())
                {
                    var (label, done) = (arm.GetProperty("label").GetString()!, arm.GetProperty("done").GetInt32());
                    var from = known.GetValueOrDefault(label) + 1;
                    if (done >= from)
                    {
                        using var rounds = await AskAsync(
                            client, $"api/rounds?arm={Uri.EscapeDataString(label)}&from={from}", stop);
                        known[label] = done;
                    }
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Seen enough.
        }
    }

    private async Task<JsonDocument> AskAsync(HttpClient client, string path, CancellationToken stop)
    {
        var answer = JsonDocument.Parse(await client.GetByteArrayAsync(path, stop));
        Answers++;
        return answer;
    }
}
