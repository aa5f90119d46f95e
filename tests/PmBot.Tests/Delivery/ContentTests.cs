using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using PmBot.Delivery;
using PmBot.Storage;

namespace PmBot.Tests.Delivery;

/// <summary>How deliveries are stored: as the releases before wrote them, and nothing in vain.</summary>
internal sealed class ContentTests
{
    private static IEnumerable<TestCaseData> Stored()
    {
        yield return new(new Content.Post("c", "m", null), """{"type":"post","channelId":"c","message":"m"}""");
        yield return new(
            new Content.Post("c", "m", null, new PostThread.OfPost("p")),
            """{"type":"post","channelId":"c","message":"m","thread":{"type":"post","postId":"p"}}""");
        yield return new(
            new Content.Post("c", "m", null, new PostThread.OfDelivery("d")),
            """{"type":"post","channelId":"c","message":"m","thread":{"type":"delivery","deliveryId":"d"}}""");
        yield return new(new Content.Direct("u", "m", null), """{"type":"direct","userId":"u","message":"m","aboutTrouble":false}""");
        yield return new(
            new Content.Direct("u", "m", null, File: new FileRef("requests", "open", "requests.csv")),
            """
            {"type":"direct","userId":"u","message":"m","aboutTrouble":false,"file":{"source":"requests","argument":"open","name":"requests.csv"}}
            """);
    }

    [TestCaseSource(nameof(Stored))]
    public void What_is_stored_comes_back(Content content, string json)
    {
        Assert.That(JsonSerializer.Serialize(content, StoreJson.Options), Is.EqualTo(json));
        Assert.That(JsonSerializer.Deserialize<Content>(json, StoreJson.Options), Is.EqualTo(content));
    }

    [TestCase(null, """{"type":"edit","deliveryId":"d","ofLane":"channel:c","props":{"a":1}}""")]
    [TestCase("new", """{"type":"edit","deliveryId":"d","ofLane":"channel:c","props":{"a":1},"message":"new"}""")]
    public void An_edit_comes_back(string? message, string json)
    {
        var edit = new Content.Edit("d", "channel:c", new JsonObject { ["a"] = 1 }, message);

        Assert.That(JsonSerializer.Serialize<Content>(edit, StoreJson.Options), Is.EqualTo(json));
        var read = (Content.Edit)JsonSerializer.Deserialize<Content>(json, StoreJson.Options)!;
        Assert.That(read with { Props = edit.Props }, Is.EqualTo(edit));
        Assert.That(JsonNode.DeepEquals(read.Props, edit.Props), Is.True);
    }
}
