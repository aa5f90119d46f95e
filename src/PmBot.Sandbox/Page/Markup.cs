using System.Net;
using Markdig;
using Markdig.Extensions.EmphasisExtras;
using Markdig.Extensions.Tables;
using Markdig.Helpers;
using Markdig.Parsers;
using Markdig.Renderers;
using Markdig.Renderers.Html;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace PmBot.Sandbox.Page;

/// <summary>Mattermost's Markdown as safe HTML: no raw HTML, no scripts in links, no images from elsewhere.</summary>
internal static class Markup
{
    private static readonly string[] SafeBeginnings = ["/", "http://", "https://", "mailto:"];

    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder()
        .DisableHtml()
        .UsePipeTables()
        .UseTaskLists()
        .UseEmojiAndSmiley(enableSmileys: false)
        .UseAutoLinks()
        .UseEmphasisExtras(EmphasisExtraOptions.Strikethrough)
        .UseSoftlineBreakAsHardlineBreak()
        .Use<Mentions>()
        .Build();

    public static string ToHtml(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>().ToList())
        {
            link.IsImage = false;
            link.Url = SafeUrl(link.Url);
            link.GetAttributes().AddProperty("rel", "noreferrer");
            link.GetAttributes().AddProperty("target", "_blank");
        }

        foreach (var link in document.Descendants<AutolinkInline>().Where(link => !link.IsEmail))
        {
            link.Url = SafeUrl(link.Url);
        }

        foreach (var table in document.Descendants<Table>())
        {
            AlignByClass(table);
        }

        return document.ToHtml(Pipeline);
    }

    // Markdig writes alignments as style attributes, which the page's policy forbids.
    private static void AlignByClass(Table table)
    {
        foreach (var row in table.OfType<TableRow>())
        {
            foreach (var (cell, column) in row.OfType<TableCell>().Zip(table.ColumnDefinitions))
            {
                if (column.Alignment is TableColumnAlign.Center or TableColumnAlign.Right)
                {
                    cell.GetAttributes().AddClass(column.Alignment == TableColumnAlign.Right ? "right" : "center");
                }
            }
        }

        table.ColumnDefinitions.Clear();
    }

    /// <summary>The URL, or nowhere if it is none of the web.</summary>
    public static string SafeUrl(string? url) =>
        url is not null && SafeBeginnings.Any(beginning => url.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)) ? url : "#";

    private sealed class Mentions : IMarkdownExtension
    {
        public void Setup(MarkdownPipelineBuilder pipeline) => pipeline.InlineParsers.Insert(0, new MentionParser());

        public void Setup(MarkdownPipeline pipeline, IMarkdownRenderer renderer)
        {
            // The parser makes HTML of its own, for which there is a renderer already.
        }
    }

    private sealed class MentionParser : InlineParser
    {
        public MentionParser() => OpeningCharacters = ['@', '~'];

        public override bool Match(InlineProcessor processor, ref StringSlice slice)
        {
            var end = slice.Start + 1;
            while (end <= slice.End && (char.IsAsciiLetterOrDigit(slice.Text[end]) || slice.Text[end] is '.' or '-' or '_'))
            {
                end++;
            }

            // The punctuation of the sentence is no part of the name.
            while (end > slice.Start + 1 && slice.Text[end - 1] is '.' or '-' or '_')
            {
                end--;
            }

            var before = slice.PeekCharExtra(-1);
            if (end == slice.Start + 1 || char.IsLetterOrDigit(before) || before is '~' or '@' or '/')
            {
                return false;
            }

            var name = slice.Text[slice.Start..end];
            var kind = name is "@all" or "@channel" or "@here" ? "mention group" : "mention";
            processor.Inline = new HtmlInline($"<span class=\"{kind}\">{WebUtility.HtmlEncode(name)}</span>");
            slice.Start = end;
            return true;
        }
    }
}
