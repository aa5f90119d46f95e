using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PmBot.Delivery;

/// <summary>What is to reach Mattermost: written with the change that caused it, sent when the server takes it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Post), "post")]
[JsonDerivedType(typeof(Direct), "direct")]
[JsonDerivedType(typeof(Edit), "edit")]
[JsonDerivedType(typeof(Header), "header")]
public abstract record Content
{
    private Content()
    {
    }

    /// <summary>Contents of one lane are delivered one after the other, in the order in which they were written.</summary>
    public abstract string Lane { get; }

    /// <summary>A post in a channel.</summary>
    /// <param name="ChannelId">Where.</param>
    /// <param name="Message">Markdown.</param>
    /// <param name="Props">Attachments, as Mattermost takes them; null for none.</param>
    public sealed record Post(string ChannelId, string Message, JsonObject? Props) : Content
    {
        /// <inheritdoc/>
        public override string Lane => $"channel:{ChannelId}";
    }

    /// <summary>A direct message.</summary>
    /// <param name="UserId">To whom.</param>
    /// <param name="Message">Markdown.</param>
    /// <param name="Props">Attachments, as Mattermost takes them; null for none.</param>
    /// <param name="AboutTrouble">It reports a delivery that failed; if it fails itself, nothing reports that.</param>
    public sealed record Direct(string UserId, string Message, JsonObject? Props, bool AboutTrouble = false) : Content
    {
        /// <inheritdoc/>
        public override string Lane => $"user:{UserId}";
    }

    /// <summary>New props (such as attachments without their buttons) for a post that was delivered before.</summary>
    /// <param name="DeliveryId">The delivery that made the post.</param>
    /// <param name="OfLane">The lane of that delivery, so that this one comes after it.</param>
    /// <param name="Props">The props, attachments included.</param>
    public sealed record Edit(string DeliveryId, string OfLane, JsonObject Props) : Content
    {
        /// <inheritdoc/>
        public override string Lane => OfLane;
    }

    /// <summary>The bot's part of a channel's header; the rest of the header is left as it is.</summary>
    /// <param name="ChannelId">The channel.</param>
    /// <param name="Label">Which of the bot's parts, as it begins; several rotations may share a header.</param>
    /// <param name="Text">The text behind the label, or null to take the part out.</param>
    /// <param name="Shorter">A shorter text for a header that has no room for the whole one.</param>
    public sealed record Header(string ChannelId, string Label, string? Text, string? Shorter) : Content
    {
        /// <inheritdoc/>
        public override string Lane => $"header:{ChannelId}";
    }
}
