using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using NodaTime;
using NodaTime.Text;

namespace PmBot.Storage;

/// <summary>How what is stored is written as JSON: camelCase, nulls left out, enums by name, calendars as ISO-8601 text.</summary>
public static class StoreJson
{
    /// <summary>The one set of options for everything that is stored. Read-only.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true, // what can be computed is not stored
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LetNullsBeAbsent } },
            Converters =
            {
                new JsonStringEnumConverter(namingPolicy: null, allowIntegerValues: false),
                new TextConverter<Instant>(InstantPattern.ExtendedIso),
                new TextConverter<LocalDate>(LocalDatePattern.Iso),
                new TextConverter<LocalTime>(ShortTime()),
            },
        };
        options.MakeReadOnly();
        return options;
    }

    // Nulls are left out, so "required string? Note" would otherwise be written and then refused on reading.
    private static void LetNullsBeAbsent(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => p.IsRequired && p.IsSetNullable))
        {
            property.IsRequired = false;
        }
    }

    // Most times are whole minutes; a finer one keeps all it has.
    private static IPattern<LocalTime> ShortTime() => new CompositePatternBuilder<LocalTime>
    {
        { LocalTimePattern.ExtendedIso, _ => true },
        { LocalTimePattern.HourMinuteIso, time => time.TickOfDay % NodaConstants.TicksPerMinute == 0 && time.NanosecondOfSecond == 0 },
    }.Build();

    private sealed class TextConverter<T>(IPattern<T> pattern) : JsonConverter<T>
        where T : notnull
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(ref reader);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteStringValue(pattern.Format(value));

        public override T ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Parse(ref reader);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WritePropertyName(pattern.Format(value));

        private T Parse(ref Utf8JsonReader reader)
        {
            if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
            {
                throw new JsonException($"A {typeof(T).Name} is written as text.");
            }

            var result = pattern.Parse(reader.GetString()!);
            return result.Success ? result.Value : throw new JsonException(result.Exception.Message, result.Exception);
        }
    }
}
