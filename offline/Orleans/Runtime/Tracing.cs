using System.Diagnostics;

namespace Orleans.Diagnostics
{
    public static class ActivitySources
    {
        public const string ApplicationGrainActivitySourceName = "Microsoft.Orleans.Application";
        public const string RuntimeActivitySourceName = "Microsoft.Orleans.Runtime";
        public const string AllActivitySourceName = "Microsoft.Orleans.*";
    }
}

namespace Orleans.Runtime
{
    /// <summary>The two activities of a call: the sender's, and the silo's as its child.</summary>
    internal static class Tracing
    {
        private static readonly ActivitySource Application =
            new(Diagnostics.ActivitySources.ApplicationGrainActivitySourceName);

        private static readonly ActivitySource Own = new(Diagnostics.ActivitySources.RuntimeActivitySourceName);

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
            call.GetInterfaceType().Namespace?.StartsWith("Orleans", StringComparison.Ordinal) == true
                ? Own
                : Application;

        private static Activity? Tag(Activity? activity, Call call) => activity?
            .SetTag("rpc.system", "orleans")
            .SetTag("rpc.service", call.GetInterfaceName())
            .SetTag("rpc.method", call.GetMethodName())
            .SetTag("rpc.orleans.target_id", call.Target.ToString());
    }
}
