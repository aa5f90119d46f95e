using Npgsql;

namespace PmBot.Storage;

/// <summary>The connection string as this engine uses it.</summary>
/// <param name="ConnectionString">For one connection, with what the bot needs set.</param>
/// <param name="Schema">The schema of all tables: the first of <c>Search Path</c>, or <see cref="DefaultSchema"/>.</param>
/// <param name="Connections">How many connections are opened at most: <c>Maximum Pool Size</c>, or <see cref="DefaultConnections"/>.</param>
/// <param name="Name">The database as people know it, without a password: <c>pmbot at db.internal:5432</c>.</param>
internal sealed record PostgresSettings(string ConnectionString, string Schema, int Connections, string Name)
{
    /// <summary>The schema if none is named.</summary>
    public const string DefaultSchema = "pmbot";

    /// <summary>The number of connections if none is given.</summary>
    public const int DefaultConnections = 16;

    /// <summary>Reads a connection string of Npgsql.</summary>
    /// <exception cref="StoreRefusedException">It cannot be read, or does not say where the database is.</exception>
    public static PostgresSettings Read(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
        {
            // The library's own words may repeat what is wrong, and that may be a password.
            throw new StoreRefusedException("The connection string for PostgreSQL cannot be read. Write it as Host=…;Database=…;Username=…;Password=….", e);
        }

        if (string.IsNullOrWhiteSpace(settings.Host) || string.IsNullOrWhiteSpace(settings.Database))
        {
            throw new StoreRefusedException("PmBot needs a PostgreSQL database: name its Host and Database in the connection string.");
        }

        var schema = settings.SearchPath?.Split(',')[0].Trim().Trim('"') is { Length: > 0 } named ? named : DefaultSchema;
        var connections = settings.ContainsKey("Maximum Pool Size") ? Math.Max(2, settings.MaxPoolSize) : DefaultConnections;
        settings.SearchPath = $"\"{schema.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        settings.ApplicationName ??= "PmBot";

        // The store keeps its connections itself. Its statements are few and constant, so each is prepared.
        settings.Pooling = false;
        settings.Enlist = false;
        settings.MaxAutoPrepare = 256;
        settings.AutoPrepareMinUsages = 2;
        settings.TcpKeepAlive = true;
        if (!settings.ContainsKey("Timeout"))
        {
            settings.Timeout = 3;
        }

        return new PostgresSettings(settings.ConnectionString, schema, connections, $"{settings.Database} at {settings.Host}:{settings.Port}");
    }
}
