using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
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
        [typeof(Queue<>)] = nameof(CopyQueue),
        [typeof(Stack<>)] = nameof(CopyStack),
        [typeof(SortedSet<>)] = nameof(CopySortedSet),
        [typeof(Dictionary<,>)] = nameof(CopyDictionary),
        [typeof(SortedDictionary<,>)] = nameof(CopySortedDictionary),
        [typeof(Memory<>)] = nameof(CopyMemory),
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

    // Called by emitted copiers for members.
    private static T CopyMember<T>(T value, Dictionary<object, object> copies) =>
        value is null || Passes<T>.AsIs ? value : (T)CopyObject(value, copies);

    private static CopyValue CreateCopier(Type type)
    {
        if (type.IsAssignableTo(typeof(IGrainBase)))
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
            : EmitCopier(type);
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

    private static object CopySortedSet<T>(object value, Dictionary<object, object> copies) =>
        Fill((SortedSet<T>)value, new SortedSet<T>(((SortedSet<T>)value).Comparer), copies);

    private static object CopyDictionary<TKey, TValue>(object value, Dictionary<object, object> copies)
        where TKey : notnull =>
        Fill(
            (Dictionary<TKey, TValue>)value,
            new Dictionary<TKey, TValue>(((Dictionary<TKey, TValue>)value).Comparer),
            copies);

    private static object CopySortedDictionary<TKey, TValue>(object value, Dictionary<object, object> copies)
        where TKey : notnull =>
        Fill(
            (SortedDictionary<TKey, TValue>)value,
            new SortedDictionary<TKey, TValue>(((SortedDictionary<TKey, TValue>)value).Comparer),
            copies);

    private static object CopyQueue<T>(object value, Dictionary<object, object> copies)
    {
        var copy = new Queue<T>();
        copies.Add(value, copy);
        foreach (var item in (Queue<T>)value)
        {
            copy.Enqueue(CopyMember(item, copies));
        }

        return copy;
    }

    private static object CopyStack<T>(object value, Dictionary<object, object> copies)
    {
        var copy = new Stack<T>();
        copies.Add(value, copy);
        foreach (var item in ((Stack<T>)value).Reverse())
        {
            copy.Push(CopyMember(item, copies));
        }

        return copy;
    }

    private static object CopyMemory<T>(object value, Dictionary<object, object> copies) =>
        new Memory<T>((T[])CopyArray<T>(((Memory<T>)value).ToArray(), copies));

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

    /// <summary>Emits <c>var copy = new T(); copies.Add(value, copy); copy.f = CopyMember(value.f); …</c> for the
    /// members that travel, private and read-only ones included.</summary>
    private static CopyValue EmitCopier(Type type)
    {
        var method = new DynamicMethod(
            "Copy " + type,
            typeof(object),
            [typeof(object), typeof(Dictionary<object, object>)],
            typeof(Copier),
            skipVisibility: true);
        var il = method.GetILGenerator();
        var source = il.DeclareLocal(type);
        var copy = il.DeclareLocal(type);
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Unbox_Any, type);
        il.Emit(OpCodes.Stloc, source);
        if (!type.IsValueType)
        {
            EmitNew(il, type);
            il.Emit(OpCodes.Stloc, copy);
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldloc, copy);
            il.Emit(OpCodes.Callvirt, typeof(Dictionary<object, object>).GetMethod(nameof(Dictionary<,>.Add))!);
        }

        foreach (var (field, shared) in MessageRules.Members(type))
        {
            il.Emit(type.IsValueType ? OpCodes.Ldloca : OpCodes.Ldloc, copy);
            il.Emit(OpCodes.Ldloc, source);
            il.Emit(OpCodes.Ldfld, field);
            if (!shared)
            {
                il.Emit(OpCodes.Ldarg_1);
                il.Emit(OpCodes.Call, typeof(Copier)
                    .GetMethod(nameof(CopyMember), BindingFlags.Static | BindingFlags.NonPublic)!
                    .MakeGenericMethod(field.FieldType));
            }

            il.Emit(OpCodes.Stfld, field);
        }

        il.Emit(OpCodes.Ldloc, copy);
        il.Emit(OpCodes.Box, type);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<CopyValue>();
    }

    private static void EmitNew(ILGenerator il, Type type)
    {
        if (type.GetConstructor(Type.EmptyTypes) is { } constructor)
        {
            il.Emit(OpCodes.Newobj, constructor);
            return;
        }

        il.Emit(OpCodes.Ldtoken, type);
        il.Emit(OpCodes.Call, typeof(Type).GetMethod(nameof(Type.GetTypeFromHandle))!);
        il.Emit(OpCodes.Call, typeof(RuntimeHelpers).GetMethod(nameof(RuntimeHelpers.GetUninitializedObject))!);
        il.Emit(OpCodes.Castclass, type);
    }

    private static class Passes<T>
    {
        public static readonly bool AsIs = MessageRules.IsImmutable(typeof(T));
    }
}
