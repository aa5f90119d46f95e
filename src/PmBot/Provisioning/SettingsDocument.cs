using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PmBot.Provisioning;

/// <summary>The settings as JSON, by paths such as <c>Mattermost:Url</c>, compared in any case. What is not provisioning's stays as it is.</summary>
public sealed class SettingsDocument
{
    private const string Section = "Provisioned";

    private static readonly JsonNodeOptions AnyCase = new() { PropertyNameCaseInsensitive = true };

    private static readonly JsonSerializerOptions Written = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    };

    private readonly JsonObject _root;

    private SettingsDocument(JsonObject root) => _root = root;

    /// <summary>What provisioning made.</summary>
    public ProvisionRecord Record
    {
        get => _root[Section]?.Deserialize<ProvisionRecord>(Written) ?? ProvisionRecord.Empty;
        set
        {
            // Taken out first, so that it comes last: what people read in the file stands before it.
            _root.Remove(Section);
            if (value is not { NewFile: false, Teams.IsEmpty: true, Made.IsEmpty: true, Settings.IsEmpty: true })
            {
                _root[Section] = JsonSerializer.SerializeToNode(value, Written);
            }
        }
    }

    /// <summary>Whether nothing is in it.</summary>
    public bool IsEmpty => _root.Count == 0;

    /// <summary>Reads a file's content; null is a file that is not there.</summary>
    /// <param name="text">The content.</param>
    /// <param name="problem">Why it cannot be used, in a sentence with the remedy.</param>
    public static SettingsDocument? Read(string? text, out string? problem)
    {
        problem = null;
        try
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                return new SettingsDocument(new JsonObject(AnyCase));
            }

            var skipping = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
            if (JsonNode.Parse(text, AnyCase, skipping) is not JsonObject root)
            {
                problem = "is no JSON object. Mend it, or name another file with --settings.";
                return null;
            }

            if (HasComment(text))
            {
                problem = "has comments, which would be lost when it is written. Take them out, or name another file with --settings.";
                return null;
            }

            if (root.Any(p => p.Key.Contains(':', StringComparison.Ordinal)))
            {
                problem = "has names with a colon in them. Write sections into each other (\"PmBot\": { \"PublicUrl\": … }), or name another file with --settings.";
                return null;
            }

            var document = new SettingsDocument(root);
            _ = document.Record;
            problem = document.Misshapen();
            return problem is null ? document : null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            problem = $"cannot be read as settings: {e.Message.TrimEnd('.')}. Mend it, or name another file with --settings.";
            return null;
        }
    }

    /// <summary>The text at a path, or null.</summary>
    public string? Get(string path) => Node(path) is JsonValue value ? value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString() : null;

    /// <summary>The texts of a list at a path.</summary>
    public IReadOnlyList<string> List(string path) => Node(path) is JsonArray list ? [.. list.Select(i => i is JsonValue v && v.GetValueKind() == JsonValueKind.String ? v.GetValue<string>() : "")] : [];

    /// <summary>The names below a path.</summary>
    public IReadOnlyList<string> Names(string path) => Node(path) is JsonObject section ? [.. section.Select(p => p.Key)] : [];

    /// <summary>Writes a text; null takes it away.</summary>
    public void Set(string path, string? value)
    {
        var (section, name) = Parent(path, make: value is not null);
        if (value is not null)
        {
            section![name] = value;
        }
        else if (section?.Remove(name) == true)
        {
            Tidy(path);
        }
    }

    /// <summary>Adds to a list, once.</summary>
    public void Add(string path, string value)
    {
        if (!List(path).Contains(value, StringComparer.Ordinal))
        {
            var (section, name) = Parent(path, make: true);
            var list = section![name] as JsonArray;
            if (list is null)
            {
                section[name] = list = [];
            }

            list.Add((JsonNode)value);
        }
    }

    /// <summary>Takes out of a list; an empty one is taken away.</summary>
    public bool Take(string path, string value)
    {
        if (Node(path) is not JsonArray list || list.FirstOrDefault(i => i is JsonValue v && v.GetValueKind() == JsonValueKind.String && v.GetValue<string>() == value) is not { } found)
        {
            return false;
        }

        list.Remove(found);
        if (list.Count == 0)
        {
            Set(path, null);
        }

        return true;
    }

    /// <summary>As it is written to the file.</summary>
    public override string ToString() => _root.ToJsonString(Written) + "\n";

    private static bool HasComment(string text)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { CommentHandling = JsonCommentHandling.Allow, AllowTrailingCommas = true });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Comment)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What stands where provisioning writes something of another shape.</summary>
    private string? Misshapen()
    {
        string[] sections = ["Mattermost", "PmBot", "Mattermost:CommandTokens", "PmBot:Triggers"];
        if (sections.FirstOrDefault(s => Node(s) is not (null or JsonObject)) is { } section)
        {
            return $"has {section}, but not as a section. Mend it, or name another file with --settings.";
        }

        var lists = Names("Mattermost:CommandTokens").Select(n => $"Mattermost:CommandTokens:{n}").Append("Mattermost:WebhookTokens");
        return lists.FirstOrDefault(l => Node(l) is not (null or JsonArray)) is { } list ? $"has {list}, but not as a list. Mend it, or name another file with --settings." : null;
    }

    private JsonNode? Node(string path)
    {
        JsonNode? node = _root;
        foreach (var name in path.Split(':'))
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    private (JsonObject? Section, string Name) Parent(string path, bool make)
    {
        var names = path.Split(':');
        var section = _root;
        foreach (var name in names[..^1])
        {
            if (section[name] is not JsonObject next)
            {
                if (!make)
                {
                    return (null, names[^1]);
                }

                section[name] = next = new JsonObject(AnyCase);
            }

            section = next;
        }

        return (section, names[^1]);
    }

    // A section that is left empty was made for what was in it.
    private void Tidy(string path)
    {
        var parent = path.Contains(':', StringComparison.Ordinal) ? path[..path.LastIndexOf(':')] : "";
        if (parent.Length > 0 && Node(parent) is JsonObject { Count: 0 })
        {
            Set(parent, null);
        }
    }
}
