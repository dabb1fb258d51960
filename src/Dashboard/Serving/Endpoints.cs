using System.Globalization;
using System.Text.Json;
using CoMiGS.Dashboard.Following;
using CoMiGS.Dashboard.Tracing;
using CoMiGS.Dashboard.Views;
using CoMiGS.Learning;
using CoMiGS.Results;
using Microsoft.AspNetCore.Http;

namespace CoMiGS.Dashboard.Serving;

/// <summary>What the page asks for. Everything is answered from the newest figures, in parts of bounded size.</summary>
internal sealed class Endpoints(RunWatch watch, Events events, ITracer tracer, TimeProvider time)
{
    /// <summary>Rows in one answer.</summary>
    private const int MostRows = 500;

    /// <summary>Of what the page sends: a text to trace is the most.</summary>
    public const int MostBytes = 64 * 1024;

    private static readonly JsonSerializerOptions Orders = new(JsonSerializerOptions.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public async Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        try
        {
            switch (request.Method, request.Path.Value)
            {
                case ("GET", "/api/overview"):
                    await SendAsync(context, watch.Read(run => OverviewView.Of(run, time)));
                    break;
                case ("GET", "/api/rounds"):
                    await SendAsync(context, OfArm(request, log =>
                        RoundsView.Of(log, Number(request, "from", 1), MostRows)));
                    break;
                case ("GET", "/api/round"):
                    await SendAsync(context, OfArm(request, log => Waterfall(request, log)));
                    break;
                case ("GET", "/api/users"):
                    await SendAsync(context, OfArm(request, log => Users(request, log)));
                    break;
                case ("GET", "/api/user"):
                    await SendAsync(context, OfArm(request, log => UserCard.Of(log, log.IndexOf(User(request, log)))));
                    break;
                case ("GET", "/api/text"):
                    await SendAsync(context, Passage(request));
                    break;
                case ("POST", "/api/trace"):
                    await SendAsync(context, await TraceAsync(context));
                    break;
                case ("GET", "/api/events"):
                    await events.StreamAsync(context);
                    break;
                case ("GET", var path):
                    await SendFileAsync(context, path is null or "/" ? "index.html" : path[1..]);
                    break;
                default:
                    context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                    break;
            }
        }
        catch (BadInputException bad)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await SendAsync(context, new Problem(bad.Message));
        }
        catch (BadHttpRequestException bad)
        {
            context.Response.StatusCode = bad.StatusCode;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Whoever asked has gone.
        }
        catch (Exception failed) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await SendAsync(context, new Problem($"There is no answer: {failed.GetBaseException().Message}"));
        }
    }

    private T OfArm<T>(HttpRequest request, Func<ArmLog, T> view) => watch.Read(run => view(Arm(request, run)));

    private static ArmLog Arm(HttpRequest request, RunFolder run) =>
        ArmNamed(run, request.Query["arm"].ToString());

    private static ArmLog ArmNamed(RunFolder run, string label) =>
        run.ArmNamed(label) ?? throw new BadInputException($"The run has no arm '{label}'.");

    private static string User(HttpRequest request, ArmLog log) => Known(log, request.Query["user"].ToString());

    private static string Known(ArmLog log, string user) =>
        log.IndexOf(user) >= 0 ? user : throw new BadInputException($"The run has no user '{user}'.");

    private static WaterfallView Waterfall(HttpRequest request, ArmLog log)
    {
        var wanted = Number(request, "round", log.Rounds.Count);
        var round = log.Rounds.FirstOrDefault(round => round.Round == wanted)
            ?? throw new BadInputException($"Round {wanted} of '{log.Arm.Label}' has not been committed.");
        return WaterfallView.Of(log, round, Number(request, "offset", 0), Count(request));
    }

    private static UsersView Users(HttpRequest request, ArmLog log) => UsersView.Of(
        log, request.Query["search"].ToString(), request.Query["sort"].ToString(), request.Query["order"] == "down",
        Number(request, "offset", 0), Count(request));

    private PassageView Passage(HttpRequest request)
    {
        var (arm, user) = OfArm(request, log => (log.Arm, User(request, log)));
        return new(TestTexts.Of(arm, user, Number(request, "number", 0)));
    }

    private async Task<TraceView> TraceAsync(HttpContext context)
    {
        // A page elsewhere can send forms here, but not JSON.
        if (!context.Request.HasJsonContentType())
        {
            throw new BadInputException("A text to trace comes as application/json.");
        }

        var order = await JsonOf<TraceOrder>(context);
        var (arm, user) = watch.Read(run =>
        {
            var log = ArmNamed(run, order.Arm);
            return (log.Arm, Known(log, order.User));
        });
        return await tracer.TraceAsync(arm, user, order.Text, context.RequestAborted);
    }

    private static async Task<T> JsonOf<T>(HttpContext context)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync<T>(
                context.Request.Body, Orders, context.RequestAborted)
                ?? throw new BadInputException("The order is empty.");
        }
        catch (JsonException damaged)
        {
            throw new BadInputException($"The order cannot be read: {damaged.Message}", damaged);
        }
    }

    private static int Count(HttpRequest request) => Math.Clamp(Number(request, "count", MostRows), 1, MostRows);

    private static int Number(HttpRequest request, string key, int otherwise)
    {
        var text = request.Query[key].ToString();
        return text.Length == 0 ? otherwise
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw new BadInputException($"'{key}' is '{text}', but must be a whole number of at least 0.");
    }

    private static async Task SendAsync<T>(HttpContext context, T view)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        await context.Response.WriteAsync(Json.WriteLine(view), context.RequestAborted);
    }

    private static async Task SendFileAsync(HttpContext context, string file)
    {
        if (PageFiles.Read(file) is { } bytes)
        {
            context.Response.ContentType = PageFiles.TypeOf(file);
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
        else
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(
                PageFiles.IsBuilt ? "There is no such file.\n" : PageFiles.Missing + "\n", context.RequestAborted);
        }
    }

    private sealed record Problem(string Error);

    private sealed record PassageView(string Text);

    private sealed record TraceOrder(string Arm, string User, string Text);
}
