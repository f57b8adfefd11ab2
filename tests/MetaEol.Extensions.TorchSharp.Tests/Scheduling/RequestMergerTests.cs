using MetaEol.Extensions.TorchSharp.Scheduling;

namespace MetaEol.Extensions.TorchSharp.Tests.Scheduling;

public class RequestMergerTests
{
    [Fact]
    public void Take_SameLayers_UpToTheLimitInOrder()
    {
        EncodeRequest[] all = [Request(3, 4), Request(4, 4), Request(3, 4), Request(90, 4), Request(2, 4)];
        List<EncodeRequest> waiting = [.. all];
        Assert.Equal([all[0], all[1], all[2], all[4]], RequestMerger.Take(waiting, 20));
        Assert.Equal([all[3]], waiting);
        Assert.Equal([all[3]], RequestMerger.Take(waiting, 20));
        Assert.Empty(waiting);
    }

    [Fact]
    public void Take_OtherLayers_WaitForTheirTurn()
    {
        EncodeRequest[] all = [Request(3, 4), Request(3, 2, 4), Request(3, 4)];
        List<EncodeRequest> waiting = [.. all];
        Assert.Equal([all[0], all[2]], RequestMerger.Take(waiting, 20));
        Assert.Equal([all[1]], waiting);
    }

    private static EncodeRequest Request(int tokens, params int[] layers) => new([new int[tokens]], layers, default);
}
