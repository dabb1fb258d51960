using System.Globalization;
using System.Net.Sockets;
using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Learning;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoMiGS.Dashboard.Serving;

/// <summary>Serves the page of one results folder until it is disposed.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private readonly WebApplication application;
    private readonly CancellationTokenSource stopping;
    private readonly Events events;

    private DashboardServer(
        WebApplication application, CancellationTokenSource stopping, Events events, string address)
    {
        this.application = application;
        this.events = events;
        this.stopping = stopping;
        Address = address;
    }

    /// <summary>What a person opens.</summary>
    public string Address { get; }

    /// <exception cref="BadInputException">The page was not built, the folder holds no results, or the address cannot
    /// be had.</exception>
    public static async Task<DashboardServer> StartAsync(
        string folder, DashboardSettings settings, ITracer tracer, CancellationToken stop)
    {
        if (!PageFiles.IsBuilt)
        {
            throw new BadInputException(PageFiles.Missing);
        }

        var time = TimeProvider.System;
        var guard = new AccessGuard(settings);
        var watch = new RunWatch(RunFolder.Open(folder), time);
        var events = new Events(watch, time);
        var endpoints = new Endpoints(watch, events, tracer, time);
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSingleton<IHostLifetime, EndsWithUs>();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Endpoints.MostBytes;
            kestrel.Listen(settings.Address, settings.Port);
        });
        var application = builder.Build();
        var stopping = new CancellationTokenSource();
        application.Run(context => AnswerAsync(context, guard, endpoints, stopping.Token));
        try
        {
            await application.StartAsync(stop);
        }
        catch (Exception taken) when (taken is IOException or SocketException)
        {
            await application.DisposeAsync();
            throw new BadInputException(
                $"the page cannot be served at {settings.Address}, port {settings.Port}: {taken.Message}", taken);
        }

        var bound = application.Services.GetRequiredService<IServer>().Features
            .GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        var port = int.Parse(bound[(bound.LastIndexOf(':') + 1)..], CultureInfo.InvariantCulture);
        return new(application, stopping, events, settings.AddressFor(port));
    }

    /// <summary>Lets whoever follows see the last of it: the run has ended.</summary>
    public Task EndAsync() => events.EndAsync();

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();   // pages that follow would go on for ever
        await application.DisposeAsync();
        stopping.Dispose();
    }

    private static async Task AnswerAsync(
        HttpContext context, AccessGuard guard, Endpoints endpoints, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.RequestAborted = either.Token;
        if (await guard.AdmitsAsync(context))
        {
            await endpoints.AnswerAsync(context);
        }
    }

    /// <summary>Signals are the command line's business.</summary>
    private sealed class EndsWithUs : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
