using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>One call on its way through the incoming filters: the silo's in order, then the grain's own.</summary>
internal sealed class CallContext(Call call, Activation activation, Func<Task<object?>> method)
    : IIncomingGrainCallContext
{
    private readonly IIncomingGrainCallFilter[] filters = activation.Filters;
    private int position;

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

    public object? Result { get; set; }

    public async Task Invoke()
    {
        if (position < filters.Length)
        {
            await filters[position++].Invoke(this);
        }
        else
        {
            Result = await method();
        }
    }
}
