using System.Collections.Concurrent;
using CoMiGS.Interfaces.Experiments;

namespace CoMiGS.Grains.Tests.Support;

/// <summary>Sees every call a silo delivers, and what they carry; of streams, only the calls.</summary>
internal sealed class CallLog : IIncomingGrainCallFilter
{
    private readonly ConcurrentQueue<object> messages = new();

    /// <summary>Arguments and results so far.</summary>
    public IReadOnlyCollection<object> Messages => messages;

    /// <summary>Called after a call has ended well.</summary>
    public Action<IIncomingGrainCallContext> After { get; set; } = _ => { };

    /// <summary>Called before a call; throws to fail it.</summary>
    public Action<IIncomingGrainCallContext> Before { get; set; } = _ => { };

    /// <summary>Ends when so many calls of a method have ended well.</summary>
    public Task Count(string method, int calls)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = calls;
        After += call =>
        {
            if (call.Request.GetMethodName() == method && Interlocked.Decrement(ref left) == 0)
            {
                reached.SetResult();
            }
        };
        return reached.Task;
    }

    public async Task Invoke(IIncomingGrainCallContext context)
    {
        var method = context.InterfaceMethod;
        // The runtime's own grains are called too.
        var carries = method.DeclaringType!.Assembly == typeof(RunSpec).Assembly
            && method.ReturnType.IsAssignableTo(typeof(Task));
        foreach (var parameter in carries ? method.GetParameters() : [])
        {
            if (parameter.ParameterType != typeof(CancellationToken))
            {
                Add(context.Request.GetArgument(parameter.Position));
            }
        }

        Before(context);
        await context.Invoke();
        if (carries && method.ReturnType != typeof(Task))
        {
            Add(context.Result);
        }

        After(context);
    }

    private void Add(object? message)
    {
        if (message is not null)
        {
            messages.Enqueue(message);
        }
    }
}
