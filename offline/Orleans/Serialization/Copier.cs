using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>Copies messages so that sender and receiver share nothing that can change. References to one object stay
/// references to one copy, so cycles are fine.</summary>
internal static class Copier
{
    private delegate object CopyValue(object value, Dictionary<object, object> copies);

    private static readonly Dictionary<Type, string> Collections = new()
    {
        [typeof(List<>)] = nameof(CopyList),
        [typeof(HashSet<>)] = nameof(CopyHashSet),
        [typeof(Dictionary<,>)] = nameof(CopyDictionary),
        [typeof(ReadOnlyMemory<>)] = nameof(CopyReadOnlyMemory),
    };

    private static readonly ConcurrentDictionary<Type, CopyValue> Copiers = new();

    public static bool KnowsCollection(Type type) =>
        type.IsGenericType && Collections.ContainsKey(type.GetGenericTypeDefinition());

    public static T Copy<T>(T value) => value is null || Passes<T>.AsIs
        ? value
        : (T)CopyObject(value, new(ReferenceEqualityComparer.Instance));

    private static object CopyObject(object value, Dictionary<object, object> copies) =>
        copies.TryGetValue(value, out var copy)
            ? copy
            : Copiers.GetOrAdd(value.GetType(), CreateCopier)(value, copies);

    private static T CopyMember<T>(T value, Dictionary<object, object> copies) =>
        value is null || Passes<T>.AsIs ? value : (T)CopyObject(value, copies);

    private static CopyValue CreateCopier(Type type)
    {
        if (type.IsAssignableTo(typeof(Grain)))
        {
            throw new ArgumentException(
                $"{type} is a grain, not a grain reference, and cannot be sent; send this.AsReference<T>() instead.");
        }

        if (type.Name.StartsWith("<>z__ReadOnly", StringComparison.Ordinal))
        {
            return Generic(nameof(CopySequence), type.GetGenericArguments());
        }

        MessageRules.Require(type, "a value");
        if (MessageRules.IsImmutable(type) || type == typeof(object))
        {
            return static (value, _) => value;
        }

        if (type.IsArray)
        {
            return type.IsSZArray
                ? Generic(nameof(CopyArray), type.GetElementType()!)
                : static (value, _) => ((Array)value).Clone();
        }

        return type.IsGenericType && Collections.TryGetValue(type.GetGenericTypeDefinition(), out var method)
            ? Generic(method, type.GetGenericArguments())
            : MemberwiseCopier(type);
    }

    private static CopyValue Generic(string method, params Type[] arguments) =>
        typeof(Copier).GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(arguments).CreateDelegate<CopyValue>();

    private static object CopyArray<T>(object value, Dictionary<object, object> copies)
    {
        var copy = (T[])((T[])value).Clone();
        copies.Add(value, copy);
        for (var index = 0; !Passes<T>.AsIs && index < copy.Length; index++)
        {
            copy[index] = CopyMember(copy[index], copies);
        }

        return copy;
    }

    private static object CopyList<T>(object value, Dictionary<object, object> copies) =>
        Fill((List<T>)value, new List<T>(((List<T>)value).Count), copies);

    private static object CopyHashSet<T>(object value, Dictionary<object, object> copies) =>
        Fill((HashSet<T>)value, new HashSet<T>(((HashSet<T>)value).Comparer), copies);

    private static object CopyDictionary<TKey, TValue>(object value, Dictionary<object, object> copies)
        where TKey : notnull =>
        Fill(
            (Dictionary<TKey, TValue>)value,
            new Dictionary<TKey, TValue>(((Dictionary<TKey, TValue>)value).Comparer),
            copies);

    private static object CopyReadOnlyMemory<T>(object value, Dictionary<object, object> copies) =>
        new ReadOnlyMemory<T>((T[])CopyArray<T>(((ReadOnlyMemory<T>)value).ToArray(), copies));

    // What a collection expression makes for an interface; upstream sends it as a list too.
    private static object CopySequence<T>(object value, Dictionary<object, object> copies) =>
        Fill((IEnumerable<T>)value, new List<T>(), copies);

    private static TCollection Fill<TCollection, T>(
        IEnumerable<T> from, TCollection copy, Dictionary<object, object> copies)
        where TCollection : class, ICollection<T>
    {
        copies.Add(from, copy);
        foreach (var item in from)
        {
            copy.Add(CopyMember(item, copies));
        }

        return copy;
    }

    /// <summary>Copies the members that travel, private and read-only ones included.</summary>
    private static CopyValue MemberwiseCopier(Type type)
    {
        var constructor = type.IsValueType ? null : type.GetConstructor(Type.EmptyTypes);
        var members = MessageRules.Members(type).ToArray();
        return (value, copies) =>
        {
            var copy = constructor?.Invoke(null) ?? RuntimeHelpers.GetUninitializedObject(type);
            copies.Add(value, copy);
            foreach (var (field, shared) in members)
            {
                var member = field.GetValue(value);
                field.SetValue(copy, member is null || shared ? member : CopyObject(member, copies));
            }

            return copy;
        };
    }

    private static class Passes<T>
    {
        public static readonly bool AsIs = MessageRules.IsImmutable(typeof(T));
    }
}
