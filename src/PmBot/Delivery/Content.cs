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
    /// <param name="Thread">
    /// What it replies to; null for a post of its own. When that is gone, or is in another channel, the post is made without a thread.
    /// </param>
    public sealed record Post(string ChannelId, string Message, JsonObject? Props, PostThread? Thread = null) : Content
    {
        /// <inheritdoc/>
        public override string Lane => $"channel:{ChannelId}";
    }

    /// <summary>A direct message.</summary>
    /// <param name="UserId">To whom.</param>
    /// <param name="Message">Markdown.</param>
    /// <param name="Props">Attachments, as Mattermost takes them; null for none.</param>
    /// <param name="AboutTrouble">It reports a delivery that failed; if it fails itself, nothing reports that.</param>
    /// <param name="File">A file that goes with it; null for none.</param>
    public sealed record Direct(string UserId, string Message, JsonObject? Props, bool AboutTrouble = false, FileRef? File = null) : Content
    {
        /// <inheritdoc/>
        public override string Lane => $"user:{UserId}";
    }

    /// <summary>
    /// New props (such as attachments without their buttons), and perhaps a new text, for a post that was delivered before. A newer edit
    /// of the same post supersedes those that still wait.
    /// </summary>
    /// <param name="DeliveryId">The delivery that made the post.</param>
    /// <param name="OfLane">The lane of that delivery, so that this one comes after it.</param>
    /// <param name="Props">The props, attachments included.</param>
    /// <param name="Message">Markdown; null if the text stays as it is.</param>
    public sealed record Edit(string DeliveryId, string OfLane, JsonObject Props, string? Message = null) : Content
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

/// <summary>What a post replies to. Any post of a thread names that thread.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(OfPost), "post")]
[JsonDerivedType(typeof(OfDelivery), "delivery")]
public abstract record PostThread
{
    private PostThread()
    {
    }

    /// <summary>A post that is in Mattermost.</summary>
    /// <param name="PostId">Mattermost's id of it.</param>
    public sealed record OfPost(string PostId) : PostThread;

    /// <summary>The post of an earlier delivery of the same lane.</summary>
    /// <param name="DeliveryId">That delivery.</param>
    public sealed record OfDelivery(string DeliveryId) : PostThread;
}

/// <summary>A file that is made when it is sent, so that the outbox need not hold it.</summary>
/// <param name="Source">Who makes it: an <see cref="IFileSource.Source"/>.</param>
/// <param name="Argument">What the source has to know, in its own words.</param>
/// <param name="Name">The name that people see, e.g. <c>requests.csv</c>.</param>
public sealed record FileRef(string Source, string Argument, string Name);

/// <summary>Makes the files that deliveries refer to.</summary>
public interface IFileSource
{
    /// <summary>The name by which a <see cref="FileRef"/> asks for this source; no two have the same.</summary>
    string Source { get; }

    /// <summary>Makes a file. It may be asked for again, when the attempt to send it failed.</summary>
    /// <param name="workspaceId">The workspace of the delivery.</param>
    /// <param name="argument">See <see cref="FileRef.Argument"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Its content; null if it is of no more use, and with it the whole message.</returns>
    Task<byte[]?> ReadAsync(string workspaceId, string argument, CancellationToken cancellationToken);
}
