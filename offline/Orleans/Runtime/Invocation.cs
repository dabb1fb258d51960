using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A method and its arguments. Each interface method has its own subclass, emitted by
/// <see cref="ProxyFactory"/>, with the arguments as fields.</summary>
internal abstract class Invocation : IInvokable
{
    public abstract GrainMethod Method { get; }

    /// <summary>The token the caller passed.</summary>
    public CancellationToken CallerToken { get; set; }

    /// <summary>The token the callee gets in its place.</summary>
    public CancellationToken CalleeToken { get; set; }

    public int GetArgumentCount() => Method.Info.GetParameters().Length;

    public virtual object? GetArgument(int index) => IsToken(index) ? CalleeToken : Argument(index).GetValue(this);

    public string GetMethodName() => Method.Info.Name;

    private bool IsToken(int index) =>
        index >= 0 && index < GetArgumentCount()
        && Method.Info.GetParameters()[index].ParameterType == typeof(CancellationToken);

    private FieldInfo Argument(int index) => GetType().GetField(ProxyFactory.ArgumentName(index))
        ?? throw new ArgumentOutOfRangeException(nameof(index), index, $"{Method.ActivityName} has no such argument.");
}
