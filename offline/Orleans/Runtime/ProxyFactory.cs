using System.Collections.Concurrent;
using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using Orleans.Serialization;

namespace System.Runtime.CompilerServices
{
    /// <summary>Known to the runtime by name: lets emitted proxies implement internal interfaces.</summary>
    [AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
    internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
    {
        public string AssemblyName { get; } = assemblyName;
    }
}

namespace Orleans.Runtime
{
    /// <summary>Emits, per grain interface, a reference class that implements it and, per method, a call class that
    /// holds the arguments:
    /// <code>
    /// Task&lt;int&gt; AddAsync(List&lt;int&gt; a, CancellationToken t)
    ///     => Send(new AddCall { a0 = Copier.Copy(a), CallerToken = t });
    /// class AddCall : Call&lt;int&gt; { Task Invoke(object g) => ((IAdder)g).AddAsync(a0, CalleeToken); }
    /// </code></summary>
    internal static class ProxyFactory
    {
        private static readonly AssemblyBuilder Assembly =
            AssemblyBuilder.DefineDynamicAssembly(new("Orleans.Proxies"), AssemblyBuilderAccess.Run);

        private static readonly ModuleBuilder Module = Assembly.DefineDynamicModule("Orleans.Proxies");
        private static readonly HashSet<string> Opened = [];
        private static readonly ConcurrentDictionary<Type, Func<GrainReference>> Constructors = new();

        public static GrainReference Create(Type interfaceType, Messenger sender, GrainId grainId) =>
            Constructors.GetOrAdd(interfaceType, Emit)().Bind(sender, grainId);

        public static string ArgumentName(int index) => "a" + index.ToString(CultureInfo.InvariantCulture);

        private static Func<GrainReference> Emit(Type interfaceType)
        {
            if (!interfaceType.IsInterface || !typeof(IAddressable).IsAssignableFrom(interfaceType))
            {
                throw new ArgumentException($"{interfaceType} is not a grain interface.", nameof(interfaceType));
            }

            lock (Module)
            {
                // Every method is checked before anything is emitted.
                var methods = new[] { interfaceType }.Concat(interfaceType.GetInterfaces())
                    .SelectMany(type => type.GetMethods()).Where(method => method.IsAbstract)
                    .Select(GrainMethod.Describe).ToList();
                Open(typeof(ProxyFactory).Assembly);
                Open(interfaceType.Assembly);
                var proxy = Module.DefineType(
                    Unique(interfaceType.FullName!),
                    TypeAttributes.Public | TypeAttributes.Sealed,
                    typeof(GrainReference));
                proxy.AddInterfaceImplementation(interfaceType);
                methods.ForEach(method => EmitMethod(proxy, method, EmitCall(method)));
                var constructor = Expression.New(proxy.CreateType());
                return Expression.Lambda<Func<GrainReference>>(constructor).Compile();
            }
        }

        private static void EmitMethod(TypeBuilder proxy, GrainMethod method, Type call)
        {
            var parameters = method.Info.GetParameters();
            var body = proxy.DefineMethod(
                Unique(method.Info.Name),
                MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot,
                method.Info.ReturnType,
                [.. parameters.Select(parameter => parameter.ParameterType)]);
            proxy.DefineMethodOverride(body, method.Info);
            var il = body.GetILGenerator();
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Newobj, call.GetConstructor(Type.EmptyTypes)!);
            for (var index = 0; index < parameters.Length; index++)
            {
                var type = parameters[index].ParameterType;
                il.Emit(OpCodes.Dup);
                il.Emit(OpCodes.Ldarg, index + 1);
                if (type == typeof(CancellationToken))
                {
                    il.Emit(OpCodes.Call, SetterOf(typeof(Call), nameof(Call.CallerToken)));
                    continue;
                }

                if (!parameters[index].IsDefined(typeof(ImmutableAttribute)) && !MessageRules.IsImmutable(type))
                {
                    il.Emit(OpCodes.Call, typeof(Copier).GetMethod(nameof(Copier.Copy))!.MakeGenericMethod(type));
                }

                il.Emit(OpCodes.Stfld, call.GetField(ArgumentName(index))!);
            }

            var send = method.IsStream ? nameof(GrainReference.Stream) : nameof(GrainReference.Send);
            il.Emit(OpCodes.Call, Hidden(typeof(GrainReference), send).MakeGenericMethod(method.Result));
            if (method.IsValueTask)
            {
                var sent = method.Info.ReturnType.IsGenericType
                    ? typeof(Task<>).MakeGenericType(method.Result)
                    : typeof(Task);
                il.Emit(OpCodes.Newobj, method.Info.ReturnType.GetConstructor([sent])!);
            }

            il.Emit(OpCodes.Ret);
        }

        private static Type EmitCall(GrainMethod method)
        {
            var parameters = method.Info.GetParameters();
            var shape = method.IsStream ? typeof(StreamRequest<>) : typeof(Call<>);
            var parent = shape.MakeGenericType(method.Result);
            var type = Module.DefineType(
                Unique($"{method.Info.DeclaringType!.FullName}.{method.Info.Name}"),
                TypeAttributes.Public | TypeAttributes.Sealed,
                parent);
            var described = type.DefineField(
                "Described", typeof(GrainMethod), FieldAttributes.Public | FieldAttributes.Static);
            var getter = Override(type, parent.GetProperty(nameof(Call.Method))!.GetMethod!);
            getter.Emit(OpCodes.Ldsfld, described);
            getter.Emit(OpCodes.Ret);

            var invoke = Override(type, parent.GetMethod(nameof(Call<>.Invoke))!);
            invoke.Emit(OpCodes.Ldarg_1);
            invoke.Emit(OpCodes.Castclass, method.Info.DeclaringType!);
            for (var index = 0; index < parameters.Length; index++)
            {
                var argument = parameters[index].ParameterType;
                invoke.Emit(OpCodes.Ldarg_0);
                if (argument == typeof(CancellationToken))
                {
                    invoke.Emit(OpCodes.Call, typeof(Call).GetProperty(nameof(Call.CalleeToken))!.GetMethod!);
                }
                else
                {
                    var field = type.DefineField(ArgumentName(index), argument, FieldAttributes.Public);
                    invoke.Emit(OpCodes.Ldfld, field);
                }
            }

            invoke.Emit(OpCodes.Callvirt, method.Info);
            if (method.IsValueTask)
            {
                var result = invoke.DeclareLocal(method.Info.ReturnType);
                invoke.Emit(OpCodes.Stloc, result);
                invoke.Emit(OpCodes.Ldloca, result);
                invoke.Emit(OpCodes.Call, method.Info.ReturnType.GetMethod(nameof(ValueTask.AsTask))!);
            }

            invoke.Emit(OpCodes.Ret);
            var created = type.CreateType();
            created.GetField(described.Name)!.SetValue(null, method);
            return created;
        }

        private static ILGenerator Override(TypeBuilder type, MethodInfo inherited)
        {
            var body = type.DefineMethod(
                inherited.Name,
                MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig,
                inherited.ReturnType,
                [.. inherited.GetParameters().Select(parameter => parameter.ParameterType)]);
            type.DefineMethodOverride(body, inherited);
            return body.GetILGenerator();
        }

        private static MethodInfo SetterOf(Type type, string property) => type.GetProperty(property)!.SetMethod!;

        private static MethodInfo Hidden(Type type, string name) =>
            type.GetMethod(name, BindingFlags.Instance | BindingFlags.NonPublic)!;

        private static string Unique(string name) =>
            string.Create(CultureInfo.InvariantCulture, $"{name}#{Interlocked.Increment(ref lastName)}");

        private static void Open(Assembly assembly)
        {
            if (Opened.Add(assembly.GetName().Name!))
            {
                Assembly.SetCustomAttribute(new CustomAttributeBuilder(
                    typeof(IgnoresAccessChecksToAttribute).GetConstructors()[0], [assembly.GetName().Name!]));
            }
        }

        private static int lastName;
    }
}
