using System.Diagnostics;

namespace Orleans.Runtime;

/// <summary>The two activities of a call: the sender's, and the silo's as its child.</summary>
internal static class Tracing
{
    // Named as upstream does.
    private static readonly ActivitySource Application = new("Microsoft.Orleans.Application");
    private static readonly ActivitySource Own = new("Microsoft.Orleans.Runtime");

    /// <summary>Whether anybody listens.</summary>
    public static bool IsOn => Application.HasListeners() || Own.HasListeners();

    /// <summary>Starts the sender's activity without making it current for what the sender does next.</summary>
    public static Activity? StartClient(Call call)
    {
        var current = Activity.Current;
        var activity = SourceOf(call).StartActivity(call.Method.ActivityName, ActivityKind.Client);
        Activity.Current = current;
        return Tag(activity, call);
    }

    public static Activity? StartServer(Call call) => Tag(
        SourceOf(call).StartActivity(
            call.Method.ActivityName, ActivityKind.Server, call.ClientActivity?.Context ?? default), call);

    public static void SetError(Activity? activity, Exception exception)
    {
        activity?.SetStatus(ActivityStatusCode.Error);
        activity?.SetTag("exception.type", exception.GetType().FullName);
        activity?.SetTag("exception.message", exception.Message);
    }

    // As upstream: by the first letters of the interface's namespace.
    private static ActivitySource SourceOf(Call call) =>
        call.Method.Info.DeclaringType!.Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true
            ? Own
            : Application;

    private static Activity? Tag(Activity? activity, Call call) => activity?
        .SetTag("rpc.system", "orleans")
        .SetTag("rpc.service", call.Method.Info.DeclaringType!.Name)
        .SetTag("rpc.method", call.GetMethodName())
        .SetTag("rpc.orleans.target_id", call.Target.ToString());
}
