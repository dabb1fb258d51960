using System.Net;
using System.Net.Sockets;

namespace CoMiGS.Driver.Benching;

/// <summary>Takes whatever is posted to it on loopback, and throws it away.</summary>
internal sealed class DrainingReceiver : IAsyncDisposable
{
    private readonly HttpListener listener = new();
    private readonly Task serving;
    private long bytes;
    private volatile bool isStopping;

    public DrainingReceiver()
    {
        Address = $"http://127.0.0.1:{FreePort()}";
        listener.Prefixes.Add(Address + "/");
        listener.Start();
        serving = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Received so far.</summary>
    public long Bytes => Interlocked.Read(ref bytes);

    public async ValueTask DisposeAsync()
    {
        isStopping = true;   // the listener itself says so only after whoever waits for it has been told
        listener.Stop();
        await serving;
        listener.Close();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                Interlocked.Add(ref bytes, body.Length);
                context.Response.Close();
            }
        }
        catch (Exception stopped) when (
            isStopping && stopped is HttpListenerException or ObjectDisposedException)
        {
            // As wanted.
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
