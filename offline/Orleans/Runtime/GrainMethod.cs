using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>What the runtime needs to know about one method of a grain interface, checked once.</summary>
internal abstract class GrainMethod
{
    private static readonly ConcurrentDictionary<MethodInfo, GrainMethod> Known = new();

    private static readonly Type[] TaskShapes = [typeof(Task), typeof(ValueTask)];
    private static readonly Type[] GenericShapes = [typeof(Task<>), typeof(ValueTask<>), typeof(IAsyncEnumerable<>)];

    protected GrainMethod(MethodInfo info)
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
        var parameters = info.GetParameters();
        Token = Array.FindIndex(parameters, parameter => parameter.ParameterType == typeof(CancellationToken));
        Copied = [.. parameters.Where(parameter => !parameter.IsDefined(typeof(ImmutableAttribute))
            && !MessageRules.IsImmutable(parameter.ParameterType)).Select(parameter => parameter.Position)];
        Body = Compile(info, IsValueTask);
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

    /// <summary>Position of the cancellation token; -1 without one.</summary>
    public int Token { get; }

    /// <summary>Positions of the arguments that are copied when they are sent.</summary>
    protected int[] Copied { get; }

    /// <summary>Calls the method of a grain: a task, or a stream.</summary>
    public Func<object, object?[], object> Body { get; }

    /// <summary>The method, checked when it is first asked for.</summary>
    public static GrainMethod Of(MethodInfo info) =>
        Known.TryGetValue(info, out var known) ? known : Known.GetOrAdd(info, Describe);

    /// <summary>Sends a call; returns what the interface method returns.</summary>
    public abstract object Start(GrainReference target, object?[] arguments);

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

        var result = info.ReturnType.IsGenericType ? info.ReturnType.GetGenericArguments()[0] : typeof(Nothing);
        MessageRules.Require(result, $"the result of {name}");
        return (GrainMethod)Activator.CreateInstance(typeof(GrainMethod<>).MakeGenericType(result), info)!;
    }

    private static Func<object, object?[], object> Compile(MethodInfo info, bool isValueTask)
    {
        var (grain, values) = (Expression.Parameter(typeof(object)), Expression.Parameter(typeof(object?[])));
        Expression call = Expression.Call(
            Expression.Convert(grain, info.DeclaringType!), info, info.GetParameters().Select(parameter =>
                Expression.Convert(
                    Expression.ArrayIndex(values, Expression.Constant(parameter.Position)), parameter.ParameterType)));
        call = isValueTask ? Expression.Call(call, nameof(ValueTask.AsTask), []) : call;
        return Expression.Lambda<Func<object, object?[], object>>(
            Expression.Convert(call, typeof(object)), grain, values).Compile();
    }
}

/// <summary>A method by its result.</summary>
internal sealed class GrainMethod<T>(MethodInfo info) : GrainMethod(info)
{
    public override object Start(GrainReference target, object?[] arguments)
    {
        foreach (var position in Copied)
        {
            arguments[position] = Copier.Copy(arguments[position]);
        }

        var token = Token < 0 ? default : (CancellationToken)arguments[Token]!;
        if (IsStream)
        {
            return new StreamRequest<T>(target, this, arguments, token);
        }

        var response = target.Send(new Call<T>(this, arguments, token));
        return !IsValueTask ? response
            : typeof(T) == typeof(Nothing) ? new ValueTask(response)
            : new ValueTask<T>(response);
    }
}
