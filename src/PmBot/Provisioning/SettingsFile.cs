using PmBot.Storage;

namespace PmBot.Provisioning;

/// <summary>A file of which either the old or the new content is there at any moment, and nobody but its owner reads either.</summary>
public interface ISettingsFile
{
    /// <summary>Its name, as an operator knows it.</summary>
    string Name { get; }

    /// <summary>What it holds, or null if there is none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    string? Read();

    /// <summary>Why it could not be written, in a sentence with the remedy; null if it can.</summary>
    string? WhyNotWritable();

    /// <summary>Replaces what it holds: once this returns it is on disk.</summary>
    /// <exception cref="IOException">It cannot be written; the old content stands.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written; the old content stands.</exception>
    void Write(string text);

    /// <summary>Takes it away.</summary>
    void Delete();
}

/// <summary>The settings file on disk: written beside itself, synchronised, renamed.</summary>
public sealed class SettingsFile(string path) : ISettingsFile
{
    // A link stays a link: the file that it leads to is replaced.
    private readonly string _path = File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : Path.GetFullPath(path);

    /// <inheritdoc/>
    public string Name { get; } = path;

    /// <summary>Always the same, so that one which a crash left behind is overwritten by the next attempt.</summary>
    private string Draft => _path + ".new";

    /// <inheritdoc/>
    public string? Read() => File.Exists(_path) ? File.ReadAllText(_path) : null;

    /// <inheritdoc/>
    public string? WhyNotWritable()
    {
        if (Directory.Exists(_path))
        {
            return $"{Name} is a folder. Name a file with --settings.";
        }

        if (!Directory.Exists(Path.GetDirectoryName(_path)))
        {
            return $"{Name}: there is no folder {Path.GetDirectoryName(_path)}. Make it, or name another file with --settings.";
        }

        try
        {
            using (Open())
            {
            }

            File.Delete(Draft);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{Name} cannot be written: {e.Message.TrimEnd('.')}. Run this as the user who may write there, or name another file with --settings.";
        }
    }

    /// <inheritdoc/>
    public void Write(string text)
    {
        using (var draft = Open())
        {
            draft.Write(System.Text.Encoding.UTF8.GetBytes(text));
        }

        DurableFiles.Publish(Draft, _path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Delete() => File.Delete(_path);

    private FileStream Open()
    {
        // One that a crash left keeps its mode otherwise.
        File.Delete(Draft);
        return new FileStream(Draft, DurableFiles.Own(FileMode.CreateNew));
    }
}
