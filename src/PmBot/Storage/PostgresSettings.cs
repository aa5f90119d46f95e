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

    private const int ScheduleConnections = 6;

    /// <summary>The number of connections if none is given.</summary>
    public const int DefaultConnections = 16;

    /// <summary>The schema of the alarms.</summary>
    public string SchedulesSchema => $"{Schema}_quartz";

    /// <summary>Connections to the schema of the alarms, a few beside <see cref="Connections"/>.</summary>
    public NpgsqlDataSource Schedules()
    {
        var settings = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            SearchPath = Quoted(SchedulesSchema),
            Pooling = true,
            MaxPoolSize = ScheduleConnections,
            Timeout = 15,
        };

        // A replica that stands still in the middle of a transaction must not keep the alarms of all.
        settings.Options = $"{settings.Options} -c idle_in_transaction_session_timeout=10s".TrimStart();
        return NpgsqlDataSource.Create(settings);
    }

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
        settings.SearchPath = Quoted(schema);
        settings.ApplicationName ??= "PmBot";

        // The store keeps its connections itself. Its statements are few and constant, so each is prepared.
        settings.Pooling = false;
        settings.Enlist = false;
        settings.MaxAutoPrepare = 256;
        settings.AutoPrepareMinUsages = 2;
        settings.TcpKeepAlive = true;

        // Several statements go at once; an error is that of one of them.
        settings.IncludeFailedBatchedCommand = true;
        if (!settings.ContainsKey("Timeout"))
        {
            settings.Timeout = 3;
        }

        return new PostgresSettings(settings.ConnectionString, schema, connections, $"{settings.Database} at {settings.Host}:{settings.Port}");
    }

    /// <summary>A name as SQL takes it.</summary>
    public static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
