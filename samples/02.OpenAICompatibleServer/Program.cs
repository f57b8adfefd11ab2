// Settings and the demo model lie beside the program, wherever it is started.
WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

// The section "MetaEol" says which model, templates and layer; here and in containers by variables, too: MetaEol__ModelPath=/models/Llama-3.2-1B.
builder.Services.AddMetaEolEmbeddings();
builder.Services.AddEmbeddingServer(options =>
{
    foreach (string key in builder.Configuration.GetSection("ApiKeys").Get<string[]>() ?? [])
    {
        options.ApiKeys.Add(key);
    }

    foreach ((string name, string? model) in builder.Configuration.GetSection("Aliases").AsEnumerable(makePathsRelative: true))
    {
        options.Aliases[name] = model ?? "";
    }
});

WebApplication app = builder.Build();
app.MapOpenAIEmbeddings();
app.MapTextEmbeddingsInference();
app.MapOllamaEmbeddings();
app.MapEmbeddingPage();
app.MapEmbeddingHealth();
app.Run();
