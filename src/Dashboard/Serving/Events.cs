using System.Globalization;
using CoMiGS.Dashboard.Following;
using Microsoft.AspNetCore.Http;

namespace CoMiGS.Dashboard.Serving;

/// <summary>Server-sent events: a number that grows whenever there is something new to ask for.</summary>
internal sealed class Events(RunWatch watch, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Something is written that often, so that either end notices when the other one has gone.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    /// <summary>Until whoever asked goes.</summary>
    public async Task StreamAsync(HttpContext context)
    {
        var (stop, response) = (context.RequestAborted, context.Response);
        response.ContentType = "text/event-stream";
        using var ticks = new PeriodicTimer(Pause, time);
        var (sent, sentAt) = (-1, time.GetTimestamp());
        do
        {
            var version = watch.Version;
            if (version != sent)
            {
                await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"data: {version}\n\n"));
                sent = version;
            }
            else if (time.GetElapsedTime(sentAt) > LongestSilence)
            {
                await WriteAsync(": still here\n\n");
            }
        }
        while (await ticks.WaitForNextTickAsync(stop));

        async Task WriteAsync(string text)
        {
            await response.WriteAsync(text, stop);
            await response.Body.FlushAsync(stop);
            sentAt = time.GetTimestamp();
        }
    }
}
