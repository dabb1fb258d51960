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
    }
}

namespace Orleans
{
    public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);

    /// <summary>One call on its way through the filters.</summary>
    public interface IIncomingGrainCallContext
    {
        IInvokable Request { get; }

        object Grain { get; }

        GrainId? SourceId { get; }

        GrainId TargetId { get; }

        string InterfaceName { get; }

        string MethodName { get; }

        MethodInfo InterfaceMethod { get; }

        MethodInfo ImplementationMethod { get; }

        /// <summary>The method's result, known once <see cref="Invoke"/> has ended; may be replaced.</summary>
        object? Result { get; set; }

        /// <summary>Runs the rest of the chain: the other filters, then the grain.</summary>
        Task Invoke();
    }

    /// <summary>Wraps every call a silo delivers, or every call of one grain when the grain implements it.</summary>
    public interface IIncomingGrainCallFilter
    {
        Task Invoke(IIncomingGrainCallContext context);
    }
}
