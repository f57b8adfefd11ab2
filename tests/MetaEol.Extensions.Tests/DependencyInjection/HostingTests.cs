using MetaEol.Extensions.Tests.TestSupport;
using MetaEol.Llama;
using MetaEol.Tests;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MetaEol.Extensions.Tests.DependencyInjection;

public class HostingTests
{
    [Fact]
    public async Task Start_InvalidOptions_StopsTheStart()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetaEolEmbeddings("no/such/folder", serviceKey: "a");
        using IHost host = builder.Build();
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains("no/such/folder", e.Message);
    }

    [Fact]
    public async Task Start_WithoutWarmUp_LoadsNothing()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes(loading: () => throw new InvalidOperationException("loaded"));
        using IHost host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("key")]
    public async Task WarmUp_EncodesEveryTemplateBeforeTheHostHasStarted(string? key)
    {
        var encoder = new FakeEncoder();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetaEolEmbeddings(TestPaths.DemoModel, serviceKey: key).WithFakes(encoder).AddWarmUp();
        using IHost host = builder.Build();
        await host.StartAsync();
        Assert.Equal([8, 8], encoder.Calls.Select(call => call.Prompts.Count));
        await host.StopAsync();
    }

    [Fact]
    public async Task WarmUp_ModelThatCannotBeLoaded_StopsTheStart()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes(loading: () => throw new IOException("damaged")).AddWarmUp();
        using IHost host = builder.Build();
        Assert.Equal("damaged", (await Assert.ThrowsAsync<IOException>(() => host.StartAsync())).Message);
    }

    [Fact]
    public async Task HealthCheck_ModelThatLoads_IsHealthyAndTellsTheModel()
    {
        HealthReport report = await CheckAsync(services => services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes().AddHealthCheck(tags: ["ready"]));
        HealthReportEntry entry = report.Entries["metaeol"];
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(("demo", 8, "metaeol"), (entry.Data["model"], entry.Data["dimensions"], entry.Data["templateSet"]));
        Assert.Equal(["ready"], entry.Tags);
    }

    [Theory]
    [InlineData(null, HealthStatus.Unhealthy)]
    [InlineData(HealthStatus.Degraded, HealthStatus.Degraded)]
    public async Task HealthCheck_ModelThatCannotBeLoaded_FailsWithTheReason(HealthStatus? failureStatus, HealthStatus expected)
    {
        HealthReport report = await CheckAsync(services => services
            .AddMetaEolEmbeddings(TestPaths.DemoModel, serviceKey: "k").WithFakes(loading: () => throw new IOException("damaged")).AddHealthCheck("model", failureStatus));
        Assert.Equal(expected, report.Entries["model"].Status);
        Assert.Contains("damaged", report.Entries["model"].Description);
    }

    [Theory]
    [InlineData(true, HealthStatus.Degraded)]
    [InlineData(false, HealthStatus.Unhealthy)]
    public async Task HealthCheck_EncoderWithAProblem_IsDegradedOrFails(bool canEncode, HealthStatus expected)
    {
        var encoder = new FakeEncoder { Health = new EncoderHealth(canEncode, "cuda:1 was lost.") };
        HealthReport report = await CheckAsync(services => services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes(encoder).AddHealthCheck());
        Assert.Equal(expected, report.Entries["metaeol"].Status);
        Assert.Contains("cuda:1 was lost.", report.Entries["metaeol"].Description);
    }

    [Fact]
    public async Task HealthCheck_SeveralModels_EachHasItsOwnName()
    {
        HealthReport report = await CheckAsync(services =>
        {
            services.AddMetaEolEmbeddings(TestPaths.DemoModel).WithFakes().AddHealthCheck();
            services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.ModelId = "one", "small").WithFakes().AddHealthCheck();
            services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.ModelId = "two", "large").WithFakes(loading: () => throw new IOException("damaged")).AddHealthCheck();
            services.AddMetaEolEmbeddings(TestPaths.DemoModel, serviceKey: 7).WithFakes().AddHealthCheck();
        });
        Assert.Equal(["metaeol", "metaeol:System.Int32:7", "metaeol:large", "metaeol:small"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((HealthStatus.Healthy, "one"), (report.Entries["metaeol:small"].Status, report.Entries["metaeol:small"].Data["model"]));
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["metaeol:large"].Status);
    }

    [Fact]
    public async Task Start_LayerThatTheModelLacks_StopsTheStart()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMetaEolEmbeddings(TestPaths.DemoModel, options => options.Layer = 99);
        using IHost host = builder.Build();
        Assert.Contains("an index is in -5 .. 4", (await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync())).Message);
    }

    [Fact]
    public async Task HealthCheck_InvalidOptions_IsReportedAndNotThrown()
    {
        HealthReport report = await CheckAsync(services => services.AddMetaEolEmbeddings("no/such/folder").AddHealthCheck());
        Assert.Equal(HealthStatus.Unhealthy, report.Status);
        Assert.Contains("no/such/folder", report.Entries["metaeol"].Description);
    }

    private static async Task<HealthReport> CheckAsync(Action<IServiceCollection> register)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        register(services);
        await using ServiceProvider provider = services.BuildServiceProvider();
        return await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync();
    }
}
