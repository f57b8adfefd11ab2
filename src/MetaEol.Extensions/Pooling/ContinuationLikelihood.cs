using MetaEol.Llama;

namespace MetaEol.Extensions.Pooling;

/// <summary>How probable the continuations of prompts are, from the states before each of their tokens.</summary>
internal static class ContinuationLikelihood
{
    /// <summary>For each item of a batch the mean log-likelihood of its continuation's tokens.</summary>
    public static double[] Means(ViewBatch views, OutputHead head, CancellationToken cancellationToken)
    {
        double[] logLikelihoods = new double[views.NextTokens.Length];
        head.ComputeLogLikelihoods(views.States.Span, views.Layers[0], views.NextTokens.Span, logLikelihoods, cancellationToken);
        double[] means = new double[views.ItemCount];
        int first = 0;
        for (int item = 0; item < means.Length; item++)
        {
            int count = views.PromptCount(item);
            means[item] = logLikelihoods.Skip(first).Take(count).Average();
            first += count;
        }

        return means;
    }
}
