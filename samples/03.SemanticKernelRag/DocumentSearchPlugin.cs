using System.ComponentModel;
using Microsoft.Extensions.VectorData;
using Microsoft.SemanticKernel;

namespace MetaEol.Samples.SemanticKernelRag;

/// <summary>What the kernel, or a chat model that it gives the function to, calls to search.</summary>
internal sealed class DocumentSearchPlugin(VectorStoreCollection<string, Passage> passages)
{
    [KernelFunction("search")]
    [Description("Finds the paragraphs of the documents that answer a question.")]
    [return: Description("The best paragraphs, best first, each with its file.")]
    public async Task<string> SearchAsync(
        [Description("The question")] string question, [Description("Number of paragraphs")] int top = 3, CancellationToken cancellationToken = default)
    {
        List<string> found = [];
        await foreach (VectorSearchResult<Passage> result in passages.SearchAsync(question, top, cancellationToken: cancellationToken))
        {
            found.Add($"{result.Record.File}: {result.Record.Text}");
        }

        return string.Join("\n\n", found);
    }
}
