using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>What the runtime needs to know about one method of a grain interface, checked once.</summary>
internal sealed class GrainMethod
{
    private static readonly Type[] TaskShapes = [typeof(Task), typeof(ValueTask)];
    private static readonly Type[] GenericShapes = [typeof(Task<>), typeof(ValueTask<>), typeof(IAsyncEnumerable<>)];

    private GrainMethod(MethodInfo info)
    {
        Info = info;
        var shape = info.ReturnType.IsGenericType ? info.ReturnType.GetGenericTypeDefinition() : info.ReturnType;
        Result = info.ReturnType.IsGenericType ? info.ReturnType.GetGenericArguments()[0] : typeof(Nothing);
        IsStream = shape == typeof(IAsyncEnumerable<>);
        IsValueTask = shape == typeof(ValueTask) || shape == typeof(ValueTask<>);
        OneWay = info.IsDefined(typeof(OneWayAttribute));
        ReadOnly = info.IsDefined(typeof(ReadOnlyAttribute));
        Interleaves = info.IsDefined(typeof(AlwaysInterleaveAttribute));
        ImmutableResult = info.ReturnParameter.IsDefined(typeof(ImmutableAttribute));
        Timeout = info.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        ActivityName = $"{info.DeclaringType!.Name}/{info.Name}";
    }

    /// <summary>Stands for the result of a method that returns none.</summary>
    public readonly struct Nothing;

    public MethodInfo Info { get; }

    public Type Result { get; }

    public bool IsStream { get; }

    public bool IsValueTask { get; }

    public bool OneWay { get; }

    public bool ReadOnly { get; }

    public bool Interleaves { get; }

    public bool ImmutableResult { get; }

    public TimeSpan? Timeout { get; }

    public string ActivityName { get; }

    /// <exception cref="NotSupportedException">The method cannot be called through a grain reference.</exception>
    /// <exception cref="OrleansConfigurationException">A type it mentions cannot be a message.</exception>
    public static GrainMethod Describe(MethodInfo info)
    {
        var name = $"{info.DeclaringType!.FullName}.{info.Name}";
        var shape = info.ReturnType.IsGenericType ? info.ReturnType.GetGenericTypeDefinition() : info.ReturnType;
        if (!TaskShapes.Contains(shape) && !GenericShapes.Contains(shape))
        {
            throw new NotSupportedException(
                $"Grain method {name} returns {info.ReturnType}; it must return Task, Task<T>, ValueTask, ValueTask<T> "
                + "or IAsyncEnumerable<T>.");
        }

        if (info.IsGenericMethodDefinition || info.GetParameters().Any(parameter => parameter.ParameterType.IsByRef))
        {
            throw new NotSupportedException($"Grain method {name} has type parameters or by-reference parameters.");
        }

        foreach (var parameter in info.GetParameters())
        {
            MessageRules.Require(parameter.ParameterType, $"parameter '{parameter.Name}' of {name}");
        }

        var method = new GrainMethod(info);
        MessageRules.Require(method.Result, $"the result of {name}");
        return method;
    }
}
