namespace MetaEol.Evaluation.SentEval;

/// <summary>Which part of a task is scored.</summary>
public enum StsSplit
{
    /// <summary>The test pairs: what papers report.</summary>
    Test,

    /// <summary>The development pairs, which only STS-B and SICK-R have: the part to choose a layer or templates on.</summary>
    Dev,
}
