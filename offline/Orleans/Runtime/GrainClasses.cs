using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Orleans.Runtime;

/// <summary>All grain classes of the process: those in assemblies of the application that use Orleans.</summary>
internal static class GrainClasses
{
    private static readonly string Self = typeof(GrainClasses).Assembly.GetName().Name!;
    private static readonly HashSet<Assembly> Searched = [];
    private static bool searchedFiles;
    private static readonly ConcurrentDictionary<GrainType, GrainClass> ByType = new();
    private static readonly ConcurrentDictionary<Type, GrainType> ByInterface = new();

    /// <summary>Looks for grain classes in assemblies not seen before.</summary>
    public static void Discover()
    {
        lock (Searched)
        {
            var loaded = AppDomain.CurrentDomain.GetAssemblies().Where(assembly => !assembly.IsDynamic);
            foreach (var assembly in loaded.Concat(searchedFiles ? [] : ApplicationAssemblies()))
            {
                Search(assembly);
            }

            searchedFiles = true;
        }
    }

    public static GrainClass Of(GrainType type) => ByType.TryGetValue(type, out var found)
        ? found
        : throw new ArgumentException($"Could not find an implementation for grain type {type}");

    /// <exception cref="ArgumentException">No class, or more than one, implements the interface.</exception>
    public static GrainType TypeOf(Type interfaceType) =>
        ByInterface.GetOrAdd(interfaceType, static type =>
        {
            var found = ByType.Values.Where(grain => grain.Implements(type)).ToList();
            return found.Count switch
            {
                1 => found[0].Type,
                0 => throw new ArgumentException($"Could not find an implementation for interface {type}"),
                _ => throw new ArgumentException(
                    $"Unable to identify a single implementation for interface {type}: "
                    + $"{string.Join(", ", found.Select(grain => grain.FullName))} all implement it."),
            };
        });

    private static void Search(Assembly assembly)
    {
        if (!Searched.Add(assembly) || assembly.GetReferencedAssemblies().All(reference => reference.Name != Self))
        {
            return;
        }

        foreach (var type in assembly.GetTypes().Where(IsGrainClass))
        {
            var grainClass = new GrainClass(type);
            if (!ByType.TryAdd(grainClass.Type, grainClass))
            {
                throw new OrleansConfigurationException(
                    $"Grain classes {ByType[grainClass.Type].FullName} and {type.FullName} have the same grain type "
                    + $"'{grainClass.Type}'.");
            }
        }
    }

    // The application's own files that use Orleans, known from their metadata, so that nothing else is loaded.
    private static IEnumerable<Assembly> ApplicationAssemblies() =>
        from path in (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "").Split(Path.PathSeparator)
        where path.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) && UsesOrleans(path)
        select Assembly.Load(AssemblyName.GetAssemblyName(path));

    private static bool UsesOrleans(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        if (!file.HasMetadata)
        {
            return false;
        }

        var metadata = file.GetMetadataReader();
        return metadata.AssemblyReferences.Any(reference =>
            metadata.StringComparer.Equals(metadata.GetAssemblyReference(reference).Name, Self));
    }

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false }
        && typeof(IGrain).IsAssignableFrom(type)
        && !typeof(GrainReference).IsAssignableFrom(type);
}
