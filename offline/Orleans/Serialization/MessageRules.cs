using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Reflection;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>Which types may cross a grain call, and which of their members travel: the rules that upstream's code
/// generator and analyzers enforce.</summary>
internal static class MessageRules
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly HashSet<Type> Known =
    [
        typeof(string), typeof(decimal), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Guid), typeof(Uri), typeof(Version), typeof(IPAddress), typeof(IPEndPoint),
        typeof(CultureInfo), typeof(BigInteger), typeof(Half), typeof(Int128), typeof(UInt128), typeof(Type),
        typeof(CancellationToken), typeof(GrainMethod.Nothing),
    ];

    private static readonly HashSet<Type> KnownImmutableGenerics =
    [
        typeof(ImmutableArray<>), typeof(ImmutableList<>), typeof(ImmutableDictionary<,>), typeof(ImmutableHashSet<>),
        typeof(ImmutableSortedDictionary<,>), typeof(ImmutableSortedSet<>), typeof(ImmutableQueue<>),
        typeof(ImmutableStack<>),
    ];

    private static readonly ConcurrentDictionary<Type, bool> ImmutableTypes = new();

    /// <summary>Whether a value of this declared type may be passed without a copy.</summary>
    public static bool IsImmutable(Type type) =>
        ImmutableTypes.TryGetValue(type, out var known) ? known : ImmutableTypes[type] = DecideImmutable(type);

    /// <exception cref="OrleansConfigurationException">The type, or one inside it, cannot cross a call.</exception>
    public static void Require(Type type, string where)
    {
        if (Problem(type, where, []) is { } problem)
        {
            throw new OrleansConfigurationException(problem);
        }
    }

    /// <summary>The fields that travel, and whether each is passed as it is.</summary>
    public static IEnumerable<(FieldInfo Field, bool Shared)> Members(Type type)
    {
        for (var level = type; level is not null && level != typeof(object); level = level.BaseType)
        {
            foreach (var field in level.GetFields(Declared).Where(field => Travels(level, field)))
            {
                yield return (
                    field, IsImmutable(field.FieldType) || Carrier(field).IsDefined(typeof(ImmutableAttribute)));
            }
        }
    }

    public static bool IsMessage(Type type) => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false);

    /// <summary>Framework types copied member by member.</summary>
    public static bool IsTuple(Type type) => type.IsGenericType && !type.IsGenericTypeDefinition
        && (Definition(type) == typeof(KeyValuePair<,>) || Definition(type) == typeof(Nullable<>)
            || type.IsAssignableTo(typeof(System.Runtime.CompilerServices.ITuple)));

    private static bool DecideImmutable(Type type) =>
        type.IsPrimitive || type.IsEnum || Known.Contains(type)
        || type.IsDefined(typeof(ImmutableAttribute), inherit: false)
        || type.IsAssignableTo(typeof(Exception)) || type.IsAssignableTo(typeof(Type))
        || type.IsAssignableTo(typeof(GrainReference))
        || (IsImmutableGeneric(type) && type.GetGenericArguments().All(IsImmutable))
        || (type.IsValueType && IsMessage(type) && Members(type).All(member => member.Shared));

    private static bool IsImmutableGeneric(Type type) =>
        IsTuple(type) || KnownImmutableGenerics.Contains(Definition(type));

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    // One sentence that names the offender, or null.
    private static string? Problem(Type type, string where, HashSet<Type> seen)
    {
        if (!seen.Add(type) || type.IsGenericParameter || type == typeof(object) || IsPlain(type))
        {
            return null;
        }

        var parts = type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments();
        if (parts.Select(part => Problem(part, where, seen)).FirstOrDefault(one => one is not null) is { } problem)
        {
            return problem;
        }

        if ((KnownImmutableGenerics.Contains(Definition(type)) || (type.IsArray && !type.IsSZArray))
            && !parts.All(IsImmutable))
        {
            return $"{type} is used as {where} but this build sends such collections of immutable elements only.";
        }

        // What is behind an interface or an abstract class is known, and checked, when a value arrives.
        if (type.IsArray || IsTuple(type) || IsImmutableGeneric(type) || Copier.KnowsCollection(type)
            || type.IsInterface || (type.IsAbstract && !IsMessage(type)))
        {
            return null;
        }

        return IsMessage(type)
            ? MemberProblem(type, seen)
            : $"{type} is used as {where} but cannot be sent: it has no [GenerateSerializer].";
    }

    private static bool IsPlain(Type type) =>
        type.IsPrimitive || type.IsEnum || Known.Contains(type) || type.IsAssignableTo(typeof(IAddressable))
        || type.IsAssignableTo(typeof(Exception)) || type == typeof(GrainId) || type == typeof(GrainType)
        || type == typeof(IdSpan) || type == typeof(SiloAddress);

    private static string? MemberProblem(Type type, HashSet<Type> seen)
    {
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)
            && !IsMessage(parent) && parent.GetFields(Declared).Length > 0)
        {
            return $"{type} cannot be sent: its base {parent} has members but no [GenerateSerializer].";
        }

        foreach (var field in type.GetFields(Declared))
        {
            var name = Carrier(field).Name;
            if (Travels(type, field))
            {
                if (Problem(field.FieldType, $"member '{name}' of {type}", seen) is { } problem)
                {
                    return problem;
                }
            }
            else if (!IsSkipped(field))
            {
                return $"{type} cannot be sent: member '{name}' has neither [Id] nor [NonSerialized].";
            }
        }

        return null;
    }

    private static bool Travels(Type type, FieldInfo field) =>
        !IsSkipped(field)
        && (IsTuple(type)
            || (IsMessage(type) && (Carrier(field).IsDefined(typeof(IdAttribute)) || IsPrimaryParameter(type, field))));

    private static bool IsSkipped(FieldInfo field) => field.IsDefined(typeof(NonSerializedAttribute));

    /// <summary>The property an automatic backing field belongs to, or the field itself.</summary>
    private static MemberInfo Carrier(FieldInfo field) =>
        field.Name[0] == '<' && field.Name.IndexOf('>', StringComparison.Ordinal) is var end and > 1
            && field.DeclaringType!.GetProperty(field.Name[1..end], Declared) is { } property
            ? property
            : field;

    // Records: parameters of the primary constructor travel without ids, as upstream generates them.
    private static bool IsPrimaryParameter(Type type, FieldInfo field) =>
        (type.GetMethod("<Clone>$", Declared) ?? type.GetMethod("PrintMembers", Declared)) is not null
        && Carrier(field) is PropertyInfo property
        && type.GetConstructors(Declared).Any(constructor =>
            constructor.GetParameters() is { Length: > 0 } parameters
            && parameters.All(parameter =>
                type.GetProperty(parameter.Name!, Declared)?.PropertyType == parameter.ParameterType)
            && parameters.Any(parameter => parameter.Name == property.Name));
}
