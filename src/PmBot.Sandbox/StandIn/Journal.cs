namespace PmBot.Sandbox.StandIn;

/// <summary>Something that somebody could see, in the order in which it happened. Posts are as they were then.</summary>
public abstract record JournalEntry(int Sequence, DateTimeOffset At, string Channel)
{
    /// <summary>A post was made, by a person, a bot, an integration or the server itself.</summary>
    public sealed record PostCreated(int Sequence, DateTimeOffset At, string Channel, ChatPost Post) : JournalEntry(Sequence, At, Channel);

    /// <summary>A post's message, props or attachments changed.</summary>
    public sealed record PostEdited(int Sequence, DateTimeOffset At, string Channel, ChatPost Post) : JournalEntry(Sequence, At, Channel);

    /// <summary>A post was deleted.</summary>
    public sealed record PostDeleted(int Sequence, DateTimeOffset At, string Channel, ChatPost Post) : JournalEntry(Sequence, At, Channel);

    /// <summary>A text was shown to one user only.</summary>
    public sealed record EphemeralShown(int Sequence, DateTimeOffset At, string Channel, ChatUser To, ChatPost Post)
        : JournalEntry(Sequence, At, Channel);

    /// <summary>The channel's header changed.</summary>
    public sealed record HeaderChanged(int Sequence, DateTimeOffset At, string Channel, string By, string Header)
        : JournalEntry(Sequence, At, Channel);

    /// <summary>Somebody reacted to a post, or took the reaction back.</summary>
    public sealed record Reacted(int Sequence, DateTimeOffset At, string Channel, string By, string EmojiName, ChatPost Post, bool Removed)
        : JournalEntry(Sequence, At, Channel);

    /// <summary>A dialog was opened for one user.</summary>
    public sealed record DialogOpened(int Sequence, DateTimeOffset At, string Channel, ChatUser To, ChatDialog Dialog)
        : JournalEntry(Sequence, At, Channel);

    /// <summary>An integration answered a press of a button, or a choice in a menu; the error is what the user saw, if any.</summary>
    public sealed record ActionAnswered(int Sequence, DateTimeOffset At, string Channel, string By, string Action, string? Error)
        : JournalEntry(Sequence, At, Channel);
}
