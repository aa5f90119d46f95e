using System.Text.Json.Nodes;

namespace PmBot.Sandbox.StandIn;

/// <summary>The shapes of the server's answers: the same keys in the same order as in the captures.</summary>
internal sealed class Wire(World world)
{
    public static JsonObject User(ChatUser user, bool self)
    {
        var json = new JsonObject
        {
            ["id"] = user.Id,
            ["create_at"] = user.CreateAt,
            ["update_at"] = user.UpdateAt,
            ["delete_at"] = user.DeleteAt,
            ["username"] = user.Username,
            ["auth_data"] = "",
            ["auth_service"] = "",
            ["email"] = user.Username + (user.IsBot ? "@localhost" : "@example.com"),
            ["nickname"] = "",
            ["first_name"] = user.FirstName,
            ["last_name"] = user.LastName,
            ["position"] = "",
            ["roles"] = user.IsSystemAdmin ? "system_admin system_user" : "system_user",
        };
        if (self)
        {
            json["notify_props"] = new JsonObject
            {
                ["channel"] = "true",
                ["comments"] = "never",
                ["desktop"] = "mention",
                ["desktop_sound"] = "true",
                ["desktop_threads"] = "all",
                ["email"] = "true",
                ["email_threads"] = "all",
                ["first_name"] = "false",
                ["mention_keys"] = "",
                ["push"] = "mention",
                ["push_status"] = "away",
                ["push_threads"] = "all",
            };
            json["last_password_update"] = user.CreateAt;
        }

        if (user.LastPictureUpdate > 0)
        {
            json["last_picture_update"] = user.LastPictureUpdate;
        }

        json["locale"] = "en";
        json["timezone"] = new JsonObject { ["automaticTimezone"] = "", ["manualTimezone"] = "", ["useAutomaticTimezone"] = "true" };
        if (user.IsBot)
        {
            json["is_bot"] = true;
        }

        json["disable_welcome_email"] = false;
        return json;
    }

    public static JsonObject Team(ChatTeam team) => new()
    {
        ["id"] = team.Id,
        ["create_at"] = team.CreateAt,
        ["update_at"] = team.CreateAt,
        ["delete_at"] = 0,
        ["display_name"] = team.DisplayName,
        ["name"] = team.Name,
        ["description"] = "",
        ["email"] = "",
        ["type"] = "O",
        ["company_name"] = "",
        ["allowed_domains"] = "",
        ["invite_id"] = team.Id,
        ["allow_open_invite"] = false,
        ["scheme_id"] = null,
        ["group_constrained"] = null,
        ["policy_id"] = null,
        ["cloud_limits_archived"] = false,
    };

    public static JsonObject TeamMember(string teamId, string userId, bool admin) => new()
    {
        ["team_id"] = teamId,
        ["user_id"] = userId,
        ["roles"] = admin ? "team_user team_admin" : "team_user",
        ["delete_at"] = 0,
        ["scheme_guest"] = false,
        ["scheme_user"] = true,
        ["scheme_admin"] = admin,
        ["explicit_roles"] = "",
    };

    public static JsonObject Channel(ChatChannel channel) => new()
    {
        ["id"] = channel.Id,
        ["create_at"] = channel.CreateAt,
        ["update_at"] = channel.UpdateAt,
        ["delete_at"] = channel.DeleteAt,
        ["team_id"] = channel.TeamId,
        ["type"] = channel.Type,
        ["display_name"] = channel.DisplayName,
        ["name"] = channel.Name,
        ["header"] = channel.Header,
        ["purpose"] = "",
        ["last_post_at"] = channel.LastPostAt,
        ["total_msg_count"] = 0,
        ["extra_update_at"] = 0,
        ["creator_id"] = channel.CreatorId,
        ["scheme_id"] = null,
        ["props"] = null,
        ["group_constrained"] = null,
        ["shared"] = channel.IsDirect ? false : null,
        ["total_msg_count_root"] = 0,
        ["policy_id"] = null,
        ["last_root_post_at"] = channel.LastPostAt,
    };

    public static JsonObject ChannelMember(ChatChannel channel, string userId) => new()
    {
        ["channel_id"] = channel.Id,
        ["user_id"] = userId,
        ["roles"] = "channel_user",
        ["last_viewed_at"] = channel.CreateAt,
        ["msg_count"] = 0,
        ["mention_count"] = 0,
        ["mention_count_root"] = 0,
        ["urgent_mention_count"] = 0,
        ["msg_count_root"] = 0,
        ["notify_props"] = new JsonObject
        {
            ["desktop"] = "default",
            ["email"] = "default",
            ["ignore_channel_mentions"] = "default",
            ["mark_unread"] = "all",
            ["push"] = "default",
        },
        ["last_update_at"] = channel.CreateAt,
        ["scheme_guest"] = false,
        ["scheme_user"] = true,
        ["scheme_admin"] = false,
        ["explicit_roles"] = "",
    };

    public static JsonObject Reaction(ChatReaction reaction, string channelId) => new()
    {
        ["user_id"] = reaction.UserId,
        ["post_id"] = reaction.PostId,
        ["emoji_name"] = reaction.EmojiName,
        ["create_at"] = reaction.CreateAt,
        ["update_at"] = reaction.CreateAt,
        ["delete_at"] = 0,
        ["remote_id"] = "",
        ["channel_id"] = channelId,
    };

    public static JsonObject File(StoredFile file) => new()
    {
        ["id"] = file.Id,
        ["user_id"] = file.UserId,
        ["channel_id"] = "",
        ["create_at"] = file.CreateAt,
        ["update_at"] = file.CreateAt,
        ["delete_at"] = 0,
        ["name"] = file.Name,
        ["extension"] = Path.GetExtension(file.Name).TrimStart('.'),
        ["size"] = file.Content.Length,
        ["mime_type"] = MimeType(file.Name),
        ["mini_preview"] = null,
        ["remote_id"] = "",
        ["archived"] = false,
    };

    public static string MimeType(string fileName) =>
        Path.GetExtension(fileName) == ".csv" ? "text/csv; charset=utf-8" : "application/octet-stream";

    public static JsonObject Command(Command command) => new()
    {
        ["id"] = command.Id,
        ["token"] = command.Token,
        ["create_at"] = command.CreateAt,
        ["update_at"] = command.UpdateAt,
        ["delete_at"] = 0,
        ["creator_id"] = command.CreatorId,
        ["team_id"] = command.TeamId,
        ["trigger"] = command.Trigger,
        ["method"] = command.Definition.Text("method") is { Length: > 0 } method ? method : "P",
        ["username"] = command.Definition.Text("username"),
        ["icon_url"] = command.Definition.Text("icon_url"),
        ["auto_complete"] = command.Definition.Flag("auto_complete"),
        ["auto_complete_desc"] = command.Definition.Text("auto_complete_desc"),
        ["auto_complete_hint"] = command.Definition.Text("auto_complete_hint"),
        ["display_name"] = command.Definition.Text("display_name"),
        ["description"] = command.Definition.Text("description"),
        ["url"] = command.Url,
        ["plugin_id"] = command.PluginId,
    };

    public static JsonObject Webhook(OutgoingWebhook hook) => new()
    {
        ["id"] = hook.Id,
        ["token"] = hook.Token,
        ["create_at"] = hook.CreateAt,
        ["update_at"] = hook.UpdateAt,
        ["delete_at"] = 0,
        ["creator_id"] = hook.CreatorId,
        ["channel_id"] = hook.ChannelId,
        ["team_id"] = hook.TeamId,
        ["trigger_words"] = Array(hook.Words),
        ["trigger_when"] = hook.TriggerWhen,
        ["callback_urls"] = Array(hook.Urls),
        ["display_name"] = hook.Definition.Text("display_name"),
        ["description"] = hook.Definition.Text("description"),
        ["content_type"] = hook.ContentType,
        ["username"] = hook.Definition.Text("username"),
        ["icon_url"] = hook.Definition.Text("icon_url"),
    };

    public static JsonArray Array(IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode?)JsonValue.Create(text))];

    public static JsonArray Array(IEnumerable<JsonNode> nodes) => [.. nodes];

    /// <summary>One post. A channel's listing leaves the number of replies out (0), as the server does.</summary>
    public JsonObject Post(ChatPost post, bool listed = false, string pendingId = "")
    {
        var reactions = world.ReactionsTo(post.Id).Select(reaction => (JsonNode)Reaction(reaction, post.ChannelId)).ToList();
        var json = new JsonObject
        {
            ["id"] = post.Id,
            ["create_at"] = post.CreateAt,
            ["update_at"] = post.UpdateAt,
            ["edit_at"] = post.EditAt,
            ["delete_at"] = post.DeleteAt,
            ["is_pinned"] = false,
            ["user_id"] = post.UserId,
            ["channel_id"] = post.ChannelId,
            ["root_id"] = post.RootId,
            ["original_id"] = "",
            // The text of a deleted post is not given out any more.
            ["message"] = post.DeleteAt > 0 ? "" : post.Message,
            ["type"] = post.Type,
            ["props"] = Props(post),
            ["hashtags"] = "",
        };
        if (post.FileIds.Length > 0)
        {
            json["file_ids"] = Array(post.FileIds);
        }

        json["pending_post_id"] = pendingId;
        if (reactions.Count > 0)
        {
            json["has_reactions"] = true;
        }

        json["reply_count"] = listed ? 0 : world.Replies(post.RootId.Length > 0 ? post.RootId : post.Id);
        json["last_reply_at"] = 0;
        json["participants"] = null;
        json["metadata"] = Metadata(post, reactions);
        return json;
    }

    public JsonObject PostList(
        IReadOnlyList<ChatPost> order, IEnumerable<ChatPost> posts, bool listed, string next = "", string previous = "")
    {
        var byId = new JsonObject();
        foreach (var post in posts.DistinctBy(post => post.Id, StringComparer.Ordinal).OrderBy(post => post.Id, StringComparer.Ordinal))
        {
            byId[post.Id] = Post(post, listed);
        }

        return new JsonObject
        {
            ["order"] = Array(order.Select(post => post.Id)),
            ["posts"] = byId,
            ["next_post_id"] = next,
            ["prev_post_id"] = previous,
            ["has_next"] = false,
            ["first_inaccessible_post_time"] = 0,
        };
    }

    private static JsonObject Props(ChatPost post)
    {
        var props = new SortedDictionary<string, JsonNode?>(StringComparer.Ordinal);
        foreach (var (key, value) in post.Props)
        {
            props[key] = value.Node();
        }

        if (post.Attachments.Length > 0)
        {
            props["attachments"] = Array(post.Attachments.Select(attachment => (JsonNode)Attachment(attachment)));
        }

        return new JsonObject(props);
    }

    private static JsonObject Attachment(ChatAttachment attachment)
    {
        var json = new JsonObject
        {
            ["id"] = 0,
            ["fallback"] = attachment.Fallback,
            ["color"] = attachment.Color,
            ["pretext"] = attachment.Pretext,
            ["author_name"] = attachment.AuthorName,
            ["author_link"] = attachment.AuthorLink,
            ["author_icon"] = attachment.AuthorIcon,
            ["title"] = attachment.Title,
            ["title_link"] = attachment.TitleLink,
            ["text"] = attachment.Text,
            ["fields"] = attachment.Fields is { } fields ? Array(fields.Select(field => (JsonNode)Field(field))) : null,
            ["image_url"] = attachment.ImageUrl,
            ["thumb_url"] = attachment.ThumbUrl,
            ["footer"] = attachment.Footer,
            ["footer_icon"] = attachment.FooterIcon,
            ["ts"] = attachment.Ts?.Node(),
        };
        if (attachment.Actions.Length > 0)
        {
            json["actions"] = Array(attachment.Actions.Select(action => (JsonNode)Action(action)));
        }

        return json;
    }

    private static JsonObject Field(ChatField field) =>
        new() { ["title"] = field.Title, ["value"] = field.Value, ["short"] = field.IsShort };

    private static JsonObject Option(ChatOption option) => new() { ["text"] = option.Text, ["value"] = option.Value };

    // The integration is missing on purpose: the URL and the context never leave the server.
    private static JsonObject Action(ChatAction action)
    {
        var json = new JsonObject { ["id"] = action.Id };
        Add("type", action.Type);
        Add("name", action.Name);
        if (action.Disabled)
        {
            json["disabled"] = true;
        }

        Add("style", action.Style);
        Add("data_source", action.DataSource);
        if (action.Options.Length > 0)
        {
            json["options"] = Array(action.Options.Select(option => (JsonNode)Option(option)));
        }

        Add("default_option", action.DefaultOption);
        return json;

        void Add(string key, string value)
        {
            if (value.Length > 0)
            {
                json[key] = value;
            }
        }
    }

    private JsonObject Metadata(ChatPost post, List<JsonNode> reactions)
    {
        var metadata = new JsonObject();
        if (post.DeleteAt > 0)
        {
            return metadata;
        }

        if (post.Attachments.Length > 0)
        {
            metadata["embeds"] = new JsonArray(new JsonObject { ["type"] = "message_attachment" });
        }

        if (post.FileIds.Length > 0)
        {
            metadata["files"] = Array(post.FileIds.Select(id => (JsonNode)File(world.Files[id])));
        }

        if (reactions.Count > 0)
        {
            metadata["reactions"] = Array(reactions);
        }

        return metadata;
    }
}
