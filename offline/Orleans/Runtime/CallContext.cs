using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>One call on its way through the incoming filters: the silo's in order, then the grain's own.</summary>
internal sealed class CallContext(Call call, Activation activation, Func<Task<object?>> method)
    : IIncomingGrainCallContext
{
    private readonly IIncomingGrainCallFilter[] filters = activation.Filters;
    private int position;
    private bool isAnswered;
    private object? result;

    public IInvokable Request => call;

    public object Grain => activation.GrainInstance!;

    public GrainId? SourceId => call.Source;

    public GrainId TargetId => call.Target;

    public string InterfaceName => call.Method.Info.DeclaringType!.Name;

    public string MethodName => call.GetMethodName();

    public MethodInfo InterfaceMethod => call.Method.Info;

    public MethodInfo ImplementationMethod
    {
        get
        {
            var map = Grain.GetType().GetInterfaceMap(InterfaceMethod.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, InterfaceMethod)];
        }
    }

    public object? Result
    {
        get => result;
        set => (result, isAnswered) = (value, true);
    }

    public async Task Invoke()
    {
        if (position < filters.Length)
        {
            var filter = filters[position++];
            await filter.Invoke(this);
            if (!isAnswered)
            {
                throw new InvalidOperationException(
                    $"The filter {filter.GetType().Name} neither invoked the rest of the chain nor set a result.");
            }
        }
        else
        {
            Result = await method();
        }
    }
}
