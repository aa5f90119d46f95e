using System.Globalization;
using System.Reflection;

namespace PmBot.Storage;

/// <summary>A step of a schema, embedded as <c>Storage/Migrations/ENGINE/NNNN_name.sql</c>. Steps only go forward.</summary>
/// <param name="Version">Its number; the same number means the same content in every engine.</param>
/// <param name="Script">Its statements.</param>
internal sealed record Migration(int Version, string Script)
{
    private static readonly Assembly Assembly = typeof(Migration).Assembly;

    /// <summary>The steps of an engine, in their order.</summary>
    public static IReadOnlyList<Migration> Of(string engine)
    {
        var prefix = $"PmBot.Storage.Migrations.{engine}.";
        return
        [
            .. Assembly.GetManifestResourceNames()
                .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
                .Select(resource => new Migration(int.Parse(resource.AsSpan(prefix.Length, 4), NumberStyles.None, CultureInfo.InvariantCulture), Text(resource)))
                .OrderBy(step => step.Version),
        ];
    }

    private static string Text(string resource)
    {
        using var reader = new StreamReader(Assembly.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
