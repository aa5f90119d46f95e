using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PmBot.Sandbox.StandIn;

/// <summary>What others send as a post's props and attachments, read and normalised as the server does.</summary>
internal static partial class PostContent
{
    public const int MaxMessageRunes = 16_383;
    public const int MaxHeaderRunes = 1_024;

    public static readonly ImmutableSortedDictionary<string, JsonElement> NoProps =
        ImmutableSortedDictionary.Create<string, JsonElement>(StringComparer.Ordinal);

    private static readonly JsonElement True = JsonSerializer.SerializeToElement("true");

    public static ChatPost WithProps(this ChatPost post, JsonElement? props) => post with
    {
        Props = props is { ValueKind: JsonValueKind.Object } given
            ? NoProps.AddRange(given.EnumerateObject().Where(prop => prop.Name != "attachments")
                .Select(prop => KeyValuePair.Create(prop.Name, prop.Value.Clone())))
            : NoProps,
        Attachments = props is { } all ? Attachments(all) : [],
    };

    public static ChatPost Marked(this ChatPost post, string prop) => post with { Props = post.Props.SetItem(prop, True) };

    public static ImmutableArray<ChatAttachment> Attachments(JsonElement holder) => [.. holder.Items("attachments").Select(Attachment)];

    public static int Runes(string text) => text.EnumerateRunes().Count();

    /// <summary>Slack's way to write links and group mentions, which the server turns into its own unless it is told not to.</summary>
    public static string FromSlack(string text) =>
        SlackGroup().Replace(SlackLink().Replace(text, "[${text}](${url})"), match => match.Groups["group"].Value switch
    {
        "everyone" => "@all",
        var group => "@" + group,
    });

    private static ChatAttachment Attachment(JsonElement json) => new()
    {
        Fallback = json.Text("fallback"),
        Color = json.Text("color"),
        Pretext = json.Text("pretext"),
        AuthorName = json.Text("author_name"),
        AuthorLink = json.Text("author_link"),
        AuthorIcon = json.Text("author_icon"),
        Title = json.Text("title"),
        TitleLink = json.Text("title_link"),
        Text = json.Text("text"),
        Fields = json.Get("fields") is null ? null : [.. json.Items("fields").Select(Field)],
        ImageUrl = json.Text("image_url"),
        ThumbUrl = json.Text("thumb_url"),
        Footer = json.Text("footer"),
        FooterIcon = json.Text("footer_icon"),
        Ts = json.Get("ts")?.Clone(),
        Actions = [.. json.Items("actions").Select(Action)],
    };

    private static ChatField Field(JsonElement json) => new(json.Text("title"), json.Get("value")?.ToString() ?? "", json.Flag("short"));

    private static ChatAction Action(JsonElement json) =>
        new(json.Text("id") is { Length: > 0 } id ? id : Ids.New(), json.Text("type"), json.Text("name"))
        {
            Style = json.Text("style"),
            Disabled = json.Flag("disabled"),
            DataSource = json.Text("data_source"),
            Options = [.. json.Items("options").Select(option => new ChatOption(option.Text("text"), option.Text("value")))],
            DefaultOption = json.Text("default_option"),
            Url = json.Get("integration")?.Text("url") ?? "",
            Context = json.Get("integration")?.Get("context")?.Clone(),
        };

    [GeneratedRegex(@"<(?<url>[^\n<|>]+)\|(?<text>[^\n>]+)>", RegexOptions.None, 1000)]
    private static partial Regex SlackLink();

    [GeneratedRegex("<!(?<group>channel|here|everyone)>", RegexOptions.None, 1000)]
    private static partial Regex SlackGroup();
}
