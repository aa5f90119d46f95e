using System.Collections.Concurrent;
using System.Reflection;

namespace PmBot.Storage;

/// <summary>What a statement's parameters may be, the same for every engine.</summary>
internal static class StatementParameters
{
    private static readonly ConcurrentDictionary<Type, (string Name, PropertyInfo Property)[]> Shapes = [];

    /// <summary>The properties of an object as parameters, by their names without a sign; none of null.</summary>
    public static (string Name, object? Value)[] Of(object? parameters) => parameters is null
        ? []
        : Array.ConvertAll(
            Shapes.GetOrAdd(parameters.GetType(), static type => [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(p => (p.Name, p))]),
            one => (one.Name, one.Property.GetValue(parameters)));

    /// <summary>A value as a column takes it: text, <see cref="long"/> or null.</summary>
    /// <exception cref="ArgumentException">It is something else.</exception>
    public static object? Value(string name, object? value) => value switch
    {
        null or string or long => value,
        int number => (long)number,
        _ => throw new ArgumentException($"{name} is a {value.GetType().Name}; a column takes text, Int64 or null.", nameof(value)),
    };
}
