using PmBot.Mattermost;

namespace PmBot.Rotations;

/// <content>The checklist.</content>
internal sealed partial class RotationChanges
{
    private string AddDuty(Change change, RotationCommand.AddDuty duty)
    {
        var rotation = change.Stored;
        var text = string.Join(' ', duty.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the checklist");
        }

        if (text.Length is 0 or > 300 || rotation.Duties.Count >= MostDuties)
        {
            return text.Length is 0 or > 300
                ? "A line has 1 to 300 characters. Nothing was changed."
                : $"A checklist has {MostDuties} lines at most. Take one off first: {texts.Command(change.Stored, "duties remove N")}. Nothing was changed.";
        }

        var after = rotation with { Duties = [.. rotation.Duties, text] };
        Save(change, after, "duties add", null, text);
        return $"{texts.Duties(after)}\nUndo: {texts.Command(change.Stored, $"duties remove {after.Duties.Count}")}";
    }

    private string RemoveDuty(Change change, RotationCommand.RemoveDuty duty)
    {
        var rotation = change.Stored;
        if (!change.Caller.IsAdmin)
        {
            return change.Caller.Refusal("change the checklist");
        }

        if (duty.Number < 1 || duty.Number > rotation.Duties.Count)
        {
            return $"There is no line {duty.Number}. Nothing was changed.\n{texts.Duties(rotation)}";
        }

        var text = rotation.Duties[duty.Number - 1];
        var after = rotation with { Duties = [.. rotation.Duties.Where((_, i) => i != duty.Number - 1)] };
        Save(change, after, "duties remove", text, null);
        return $"{texts.Duties(after)}\nUndo: {Markdown.Code($"/{texts.Trigger} duties add {text}")}";
    }
}
