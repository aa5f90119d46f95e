using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NodaTime;

namespace PmBot.Mattermost.Client;

/// <summary>Mattermost's JSON: snake_case, times in milliseconds, 0 for "never", and null where Go had an empty list.</summary>
internal static class MattermostJson
{
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,

            // The default would escape each back-tick, quote and umlaut, for JSON within a web page; none of this ever is.
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new Milliseconds(), new MillisecondsOrNever() },
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { KeepDefaultsForNulls } },
        };
        options.MakeReadOnly();
        return options;
    }

    private static void KeepDefaultsForNulls(JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            if (property.Set is { } set)
            {
                property.Set = (target, value) =>
                {
                    if (value is not null)
                    {
                        set(target, value);
                    }
                };
            }
        }
    }

    private sealed class Milliseconds : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            FromMilliseconds(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value.ToUnixTimeMilliseconds());
    }

    private sealed class MillisecondsOrNever : JsonConverter<Instant?>
    {
        public override bool HandleNull => true;

        public override Instant? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null || reader.GetInt64() is 0 ? null : FromMilliseconds(reader.GetInt64());

        public override void Write(Utf8JsonWriter writer, Instant? value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(value?.ToUnixTimeMilliseconds() ?? 0);
    }

    private static Instant FromMilliseconds(long milliseconds)
    {
        try
        {
            return Instant.FromUnixTimeMilliseconds(milliseconds);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new JsonException("A time is out of range.", e);
        }
    }
}
