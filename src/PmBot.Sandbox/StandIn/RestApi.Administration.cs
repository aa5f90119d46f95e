using System.Text.Json;
using System.Text.Json.Nodes;

namespace PmBot.Sandbox.StandIn;

/// <content>The routes of administrators: settings, bots, tokens, members, commands and webhooks, and who may what with them.</content>
internal sealed partial class RestApi
{
    private static readonly byte[] PngSignature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private void MapAdministration(WebApplication app)
    {
        MapSettings(app);
        MapBots(app);
        MapTokens(app);
        MapMembers(app);
        MapCommands(app);
        MapWebhooks(app);
    }

    private void MapSettings(WebApplication app)
    {
        Map(app, "GET", "config/client", _ => Ok(new JsonObject
        {
            ["DefaultClientLocale"] = "en",
            ["EnableBotAccountCreation"] = Text(settings.EnableBotAccountCreation),
            ["EnableCommands"] = Text(settings.EnableCommands),
            ["EnableOutgoingWebhooks"] = Text(settings.EnableOutgoingWebhooks),
            ["EnableUserAccessTokens"] = Text(settings.EnableUserAccessTokens),
            ["SiteName"] = "Stand-in",
            ["SiteURL"] = SiteUrl(),
            ["Version"] = settings.Version,
        }), anonymous: true);

        // Of a real server's settings, those that integrations depend on.
        Map(app, "GET", "config", request =>
        {
            RequireAdmin(request.User, "sysconsole_read_about_edition_and_license");
            return Ok(new JsonObject
            {
                ["ServiceSettings"] = new JsonObject
                {
                    ["SiteURL"] = SiteUrl(),
                    ["EnableOutgoingWebhooks"] = settings.EnableOutgoingWebhooks,
                    ["EnableCommands"] = settings.EnableCommands,
                    ["AllowedUntrustedInternalConnections"] = settings.AllowedUntrustedInternalConnections,
                    ["EnableUserAccessTokens"] = settings.EnableUserAccessTokens,
                    ["EnableBotAccountCreation"] = settings.EnableBotAccountCreation,
                    ["DisableBotsWhenOwnerIsDeactivated"] = settings.DisableBotsWhenOwnerIsDeactivated,
                },
            });
        });

        static string Text(bool value) => value ? "true" : "false";

        string SiteUrl() => settings.HasSiteUrl ? siteUrl().ToString().TrimEnd('/') : "";
    }

    private void MapBots(WebApplication app)
    {
        Map(app, "POST", "bots", request =>
        {
            RequireAdmin(request.User, "create_bot");
            if (!settings.EnableBotAccountCreation)
            {
                throw new ApiException(403, "api.bot.create_disabled", "Bot creation has been disabled.");
            }

            var username = request.Body.Text("username");
            if (username.Length is 0 or > 64 || username.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && !".-_".Contains(c, StringComparison.Ordinal)))
            {
                throw new ApiException(400, "model.bot.is_valid.username.app_error", "Invalid username.");
            }

            var bot = world.AddUser(username, request.Body.Text("display_name"), "", bot: true, admin: false);
            return Created(Bot(world.Change(bot.Id, made => made with { Description = request.Body.Text("description"), OwnerId = request.User.Id })));
        });
        Map(app, "GET", "bots/{id}", request =>
        {
            var bot = world.Bot(request.Route("id"));

            // Others' bots look like ones that do not exist.
            return (request.User.IsSystemAdmin || bot.OwnerId == request.User.Id) && (bot.DeleteAt == 0 || request.Query("include_deleted") == "true")
                ? Ok(Bot(bot))
                : throw new ApiException(404, "store.sql_bot.get.missing.app_error", "Bot does not exist.", $"id={bot.Id}");
        });
        Map(app, "PUT", "bots/{id}", request =>
        {
            var bot = ManagedBot(request);
            return Ok(Bot(world.Change(bot.Id, before => before with
            {
                Username = request.Body.Get("username")?.GetString() ?? before.Username,
                FirstName = request.Body.Get("display_name")?.GetString() ?? before.FirstName,
                Description = request.Body.Get("description")?.GetString() ?? before.Description,
            })));
        });
        Map(app, "POST", "bots/{id}/disable", request => Ok(Bot(world.Change(ManagedBot(request).Id, bot => bot with { DeleteAt = world.Now }))));
        Map(app, "POST", "bots/{id}/enable", request => Ok(Bot(world.Change(ManagedBot(request).Id, bot => bot with { DeleteAt = 0 }))));
        MapAsync(app, "POST", "users/{id}/image", async request =>
        {
            var form = request.Http.Request.HasFormContentType ? await request.Http.Request.ReadFormAsync() : null;
            if (form?.Files.GetFile("image") is not { } image)
            {
                throw new ApiException(400, "api.user.upload_profile_user.no_file.app_error", "No file under 'image' in request.");
            }

            using var content = new MemoryStream();
            await image.CopyToAsync(content);
            lock (world.Gate)
            {
                var user = world.User(request.Id(world));
                if (user.Id != request.User.Id)
                {
                    RequireAdmin(request.User, "edit_other_users");
                }

                if (!content.ToArray().AsSpan().StartsWith(PngSignature))
                {
                    throw new ApiException(400, "api.user.upload_profile_user.decode.app_error", "Could not upload profile image. Could not decode.");
                }

                world.Change(user.Id, before => before with { LastPictureUpdate = world.Now });
                return Ok(Done());
            }
        });
    }

    private void MapTokens(WebApplication app)
    {
        Map(app, "POST", "users/{id}/tokens", request =>
        {
            RequireAdmin(request.User, "edit_other_users");
            var user = world.User(request.Id(world));
            var description = request.Body.Text("description");
            if (description.Length == 0)
            {
                throw ApiException.Invalid("description");
            }

            if (!settings.EnableUserAccessTokens && !user.IsBot)
            {
                throw ApiException.Disabled("app.user_access_token.disabled", "Personal access tokens are disabled on this server. Please contact your system administrator for details.");
            }

            var (id, token) = world.AddToken(user.Id, description);
            return Ok(Token(id, user.Id, description, token));
        });
        Map(app, "GET", "users/{id}/tokens", request =>
        {
            RequireAdmin(request.User, "edit_other_users");
            var user = request.Id(world);
            var page = request.Page(60);
            return Ok(Wire.Array(world.TokensOf(user).Skip(page.Skip).Take(page.Take).Select(token => (JsonNode)Token(token.Id, user, token.Description))));
        });
        Map(app, "POST", "users/tokens/revoke", request =>
        {
            RequireAdmin(request.User, "revoke_user_access_token");
            world.RevokeToken(request.Body.Text("token_id"));
            return Ok(Done());
        });
    }

    private void MapMembers(WebApplication app)
    {
        Map(app, "POST", "teams/{id}/members", request =>
        {
            RequireAdmin(request.User, "add_user_to_team");
            var (team, user) = (world.Team(request.Route("id")), world.User(request.Body.Text("user_id")));
            world.JoinTeam(team.Id, user.Id);
            foreach (var channel in world.Channels.Where(channel => channel.TeamId == team.Id && channel.Name is "town-square" or "off-topic").ToList())
            {
                world.Join(channel.Id, user.Id);
            }

            return Created(Wire.TeamMember(team.Id, user.Id, world.TeamAdmin(team.Id, user.Id) ?? false));
        });
        Map(app, "DELETE", "teams/{id}/members/{userId}", request =>
        {
            var (team, user) = (world.Team(request.Route("id")), request.Id(world, "userId"));
            if (user != request.User.Id)
            {
                RequireAdmin(request.User, "remove_user_from_team");
            }

            if (!world.IsTeamMember(team.Id, user))
            {
                throw new ApiException(404, "app.team.get_member.missing.app_error", "No team member found for that user ID and team ID.");
            }

            world.RemoveFromTeam(team.Id, user);
            return Ok(Done());
        });
        Map(app, "POST", "channels/{id}/members", request =>
        {
            var (channel, user) = (world.Channel(request.Route("id")), world.User(request.Body.Text("user_id")));
            world.RequireMember(request.User, channel.Id, "manage_public_channel_members");
            if (!world.IsTeamMember(channel.TeamId, user.Id))
            {
                throw new ApiException(404, "app.team.get_member.missing.app_error", "No team member found for that user ID and team ID.");
            }

            if (channel.DeleteAt > 0)
            {
                throw new ApiException(400, "api.channel.add_members.deleted.app_error", "The channel has been archived or deleted.");
            }

            world.Join(channel.Id, user.Id);
            return Created(Wire.ChannelMember(channel, user.Id));
        });
        Map(app, "DELETE", "channels/{id}/members/{userId}", request =>
        {
            var (channel, user) = (world.Channel(request.Route("id")), request.Id(world, "userId"));
            world.RequireMember(request.User, channel.Id, "manage_public_channel_members");
            if (!world.IsMember(channel.Id, user))
            {
                throw new ApiException(404, "app.channel.get_member.missing.app_error", "No channel member found for that user ID and channel ID.");
            }

            if (channel.Name == "town-square")
            {
                throw new ApiException(400, "api.channel.remove.default.app_error", "Unable to remove user from the default channel town-square.");
            }

            world.Leave(channel.Id, user);
            return Ok(Done());
        });
    }

    private void MapCommands(WebApplication app)
    {
        Map(app, "POST", "commands", request =>
        {
            RequireTeamAdmin(request.User, request.Body.Text("team_id"), "manage_slash_commands");
            RequireCommands();
            return Created(Wire.Command(world.AddCommand(
                request.Body.Text("team_id"),
                request.Body.Text("trigger").ToLowerInvariant(),
                request.Body.Text("url"),
                request.User.Id,
                request.Body)));
        });
        Map(app, "GET", "commands", request =>
        {
            var team = request.Query("team_id");
            RequireTeamAdmin(request.User, team, "manage_slash_commands");
            var custom = world.Commands.Where(command => command.TeamId == team);
            if (request.Query("custom_only") == "true")
            {
                RequireCommands();
                return Ok(Wire.Array(custom.Select(command => (JsonNode)Wire.Command(command))));
            }

            // Each word once, the first to have it; what is custom loses what makes it one.
            var all = World.BuiltInTriggers.Select(trigger => BuiltIn(trigger))
                .Concat(world.PluginCommands.Where(command => command.TeamId == team).Select(Wire.Command))
                .Concat(settings.EnableCommands ? custom.Select(command => Sanitized(Wire.Command(command))) : []);
            return Ok(Wire.Array(all.DistinctBy(command => command["trigger"]!.ToString(), StringComparer.Ordinal).Select(command => (JsonNode)command)));
        });
        Map(app, "PUT", "commands/{id}", request =>
        {
            var command = ManagedCommand(request);
            if (request.Body.Text("id") != command.Id)
            {
                throw ApiException.Invalid("command");
            }

            if (request.Body.Text("team_id") != command.TeamId)
            {
                throw new ApiException(400, "api.command.team_mismatch.app_error", "Unable to update commands across teams.", $"user_id={request.User.Id}");
            }

            return Ok(Wire.Command(world.UpdateCommand(
                command.Id, request.Body.Text("trigger").ToLowerInvariant(), request.Body.Text("url"), request.Body)));
        });
        Map(app, "PUT", "commands/{id}/regen_token", request => Ok(Wire.Command(world.RegenerateToken(ManagedCommand(request).Id))));
        Map(app, "DELETE", "commands/{id}", request =>
        {
            world.DeleteCommand(ManagedCommand(request).Id);
            return Ok(Done());
        });

        static JsonObject BuiltIn(string trigger) => Sanitized(Wire.Command(new Command("", "", "", trigger, "", "", 0, default)));

        static JsonObject Sanitized(JsonObject command)
        {
            foreach (var key in new[] { "token", "creator_id", "method", "url", "username", "icon_url" })
            {
                command[key] = "";
            }

            return command;
        }
    }

    private void MapWebhooks(WebApplication app)
    {
        Map(app, "POST", "hooks/outgoing", request =>
        {
            RequireTeamAdmin(request.User, request.Body.Text("team_id"), "manage_outgoing_webhooks");
            RequireWebhooks();
            var creator = request.Body.Text("creator_id") is { Length: > 0 } other ? world.User(other).Id : request.User.Id;
            return Created(Wire.Webhook(world.AddWebhook(Hook(request, Ids.New(), Ids.New(), request.Body.Text("team_id"), creator, world.Now))));
        });
        Map(app, "GET", "hooks/outgoing", request =>
        {
            RequireTeamAdmin(request.User, request.Query("team_id"), "manage_outgoing_webhooks");
            RequireWebhooks();
            var page = request.Page(60);
            return Ok(Wire.Array(world.Webhooks.Where(hook => hook.TeamId == request.Query("team_id")).Skip(page.Skip).Take(page.Take)
                .Select(hook => (JsonNode)Wire.Webhook(hook))));
        });
        Map(app, "PUT", "hooks/outgoing/{id}", request =>
        {
            RequireWebhooks();
            var hook = world.Webhook(request.Route("id"));
            RequireTeamAdmin(request.User, hook.TeamId, "manage_outgoing_webhooks");
            if (request.Body.Text("id") != hook.Id)
            {
                throw ApiException.Invalid("hook_id");
            }

            // As in the server, the token is that of the request: whoever leaves it out loses it.
            return Ok(Wire.Webhook(world.UpdateWebhook(
                Hook(request, hook.Id, request.Body.Text("token"), hook.TeamId, hook.CreatorId, hook.CreateAt) with { UpdateAt = world.Now })));
        });
        Map(app, "DELETE", "hooks/outgoing/{id}", request =>
        {
            RequireWebhooks();
            var hook = world.Webhook(request.Route("id"));
            RequireTeamAdmin(request.User, hook.TeamId, "manage_outgoing_webhooks");
            world.DeleteWebhook(hook.Id);
            return Ok(Done());
        });

        static OutgoingWebhook Hook(Request request, string id, string token, string team, string creator, long createdAt) => new(
            id, token, team, request.Body.Text("channel_id"), [.. request.Body.Texts("trigger_words")], [.. request.Body.Texts("callback_urls")],
            request.Body.Text("content_type"), creator, createdAt, request.Body)
        {
            TriggerWhen = request.Body.Get("trigger_when") is { ValueKind: JsonValueKind.Number } when ? when.GetInt32() : 0,
        };
    }

    private Command ManagedCommand(Request request)
    {
        var command = world.Command(request.Route("id"));

        // To others it looks like one that does not exist.
        return request.User.IsSystemAdmin || world.TeamAdmin(command.TeamId, request.User.Id) == true
            ? command
            : throw new ApiException(404, "store.sql_command.save.get.app_error", "Unable to get the command.");
    }

    private ChatUser ManagedBot(Request request)
    {
        var bot = world.Bot(request.Route("id"));
        if (bot.OwnerId != request.User.Id)
        {
            RequireAdmin(request.User, "manage_others_bots");
        }

        return bot;
    }

    private void RequireCommands()
    {
        if (!settings.EnableCommands)
        {
            throw ApiException.Disabled("api.command.disabled.app_error", "Commands have been disabled by the system admin.");
        }
    }

    private void RequireWebhooks()
    {
        if (!settings.EnableOutgoingWebhooks)
        {
            throw ApiException.Disabled("api.outgoing_webhook.disabled.app_error", "Outgoing webhooks have been disabled by the system admin.");
        }
    }

    private static void RequireAdmin(ChatUser user, string permission)
    {
        if (!user.IsSystemAdmin)
        {
            throw ApiException.Forbidden(user, permission);
        }
    }

    private void RequireTeamAdmin(ChatUser user, string teamId, string permission)
    {
        if (!user.IsSystemAdmin && world.TeamAdmin(teamId, user.Id) != true)
        {
            throw ApiException.Forbidden(user, permission);
        }
    }

    private static JsonObject Done() => new() { ["status"] = "OK" };

    private static JsonObject Bot(ChatUser bot) => new()
    {
        ["user_id"] = bot.Id,
        ["username"] = bot.Username,
        ["display_name"] = bot.FirstName,
        ["description"] = bot.Description,
        ["owner_id"] = bot.OwnerId,
        ["create_at"] = bot.CreateAt,
        ["update_at"] = bot.UpdateAt,
        ["delete_at"] = bot.DeleteAt,
    };

    private static JsonObject Token(string id, string userId, string description, string? token = null)
    {
        var json = new JsonObject { ["id"] = id };
        if (token is not null)
        {
            json["token"] = token;
        }

        json["user_id"] = userId;
        json["description"] = description;
        json["is_active"] = true;
        return json;
    }
}
