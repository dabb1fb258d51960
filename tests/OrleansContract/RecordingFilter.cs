namespace OrleansContract;

/// <summary>Logs every call of a grain whose key starts with "filtered", and doubles its numbers.</summary>
public sealed class RecordingFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var key = context.TargetId.Key.ToString()!;
        if (!key.StartsWith("filtered", StringComparison.Ordinal))
        {
            await context.Invoke();
            return;
        }

        var first = context.Request.GetArgumentCount() > 0 ? context.Request.GetArgument(0) : null;
        Signals.Log(key, $"before {context.InterfaceMethod.Name}({first})");
        await context.Invoke();
        if (context.Result is int number)
        {
            context.Result = number * 2;
        }

        Signals.Log(key, $"after {context.MethodName} on {context.Grain.GetType().Name}");
    }
}
