using System.Reflection;
using Orleans.Runtime;
using Orleans.Serialization.Invocation;

namespace Orleans.Serialization.Invocation
{
    /// <summary>One call: a method and its arguments.</summary>
    public interface IInvokable
    {
        int GetArgumentCount();

        object? GetArgument(int index);

        void SetArgument(int index, object? value);

        string GetMethodName();

        string GetInterfaceName();

        string GetActivityName();

        MethodInfo GetMethod();

        Type GetInterfaceType();

        TimeSpan? GetDefaultResponseTimeout();
    }
}

namespace Orleans
{
    public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

    public interface IGrainCallContext
    {
        IInvokable Request { get; }

        object Grain { get; }

        GrainId? SourceId { get; }

        GrainId TargetId { get; }

        string InterfaceName { get; }

        string MethodName { get; }

        MethodInfo InterfaceMethod { get; }

        /// <summary>The method's result, known once <see cref="Invoke"/> has ended; may be replaced.</summary>
        object? Result { get; set; }

        /// <summary>Runs the rest of the chain: the other filters, then the grain.</summary>
        Task Invoke();
    }

    public interface IIncomingGrainCallContext : IGrainCallContext
    {
        IGrainContext TargetContext { get; }

        MethodInfo ImplementationMethod { get; }
    }

    /// <summary>Wraps every call a silo delivers, or every call of one grain when the grain implements it.</summary>
    public interface IIncomingGrainCallFilter
    {
        Task Invoke(IIncomingGrainCallContext context);
    }
}
