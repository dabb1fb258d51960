using System.Globalization;
using CoMiGS.Dashboard.Following;
using Microsoft.AspNetCore.Http;

namespace CoMiGS.Dashboard.Serving;

/// <summary>Server-sent events: a number that grows whenever there is something new to ask for, and <c>end</c> after
/// the last. One for all followers.</summary>
internal sealed class Events(RunWatch watch, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(2);

    /// <summary>Something is written that often, so that either end notices when the other one has gone.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    private readonly TaskCompletionSource ending = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource allGone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int followers;

    /// <summary>Tells followers that nothing comes any more, and waits until they have asked for the last of it and
    /// gone, but not for long.</summary>
    public async Task EndAsync()
    {
        watch.Expire();
        ending.TrySetResult();
        if (Volatile.Read(ref followers) > 0)
        {
            await Task.WhenAny(allGone.Task, Task.Delay(LongestFarewell, time));
        }
    }

    /// <summary>Until whoever asked goes.</summary>
    public async Task StreamAsync(HttpContext context)
    {
        Interlocked.Increment(ref followers);
        try
        {
            await TellAsync(context);
        }
        finally
        {
            if (Interlocked.Decrement(ref followers) == 0 && ending.Task.IsCompleted)
            {
                allGone.TrySetResult();
            }
        }
    }

    private async Task TellAsync(HttpContext context)
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
        while (await NextAsync());

        await WriteAsync(string.Create(CultureInfo.InvariantCulture, $"event: end\ndata: {watch.Version}\n\n"));
        await Task.Delay(LongestFarewell, time, stop);

        async Task<bool> NextAsync()
        {
            var tick = ticks.WaitForNextTickAsync(stop).AsTask();
            return await Task.WhenAny(tick, ending.Task) == tick && await tick;
        }

        async Task WriteAsync(string text)
        {
            await response.WriteAsync(text, stop);
            await response.Body.FlushAsync(stop);
            sentAt = time.GetTimestamp();
        }
    }
}
