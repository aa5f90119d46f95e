using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PmBot.Sandbox.StandIn;

/// <summary>Reading JSON of others leniently, as the server does: what is missing or of another type counts as empty.</summary>
internal static class JsonReading
{
    /// <summary>Only what JSON requires is escaped, much as the server does it.</summary>
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonElement? Get(this JsonElement json, string key) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null
            ? value
            : null;

    public static string Text(this JsonElement json, string key) =>
        json.Get(key) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    public static bool Flag(this JsonElement json, string key) => json.Get(key) is { ValueKind: JsonValueKind.True };

    public static IEnumerable<JsonElement> Items(this JsonElement json, string key) =>
        json.Get(key) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    public static IEnumerable<string> Texts(this JsonElement json) =>
        json.ValueKind == JsonValueKind.Array
            ? json.EnumerateArray().Where(item => item.ValueKind == JsonValueKind.String).Select(item => item.GetString()!)
            : [];

    public static IEnumerable<string> Texts(this JsonElement json, string key) => json.Get(key)?.Texts() ?? [];

    public static JsonElement? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static JsonNode? Node(this JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => JsonObject.Create(json),
        JsonValueKind.Array => JsonArray.Create(json),
        _ => JsonValue.Create(json),
    };
}
