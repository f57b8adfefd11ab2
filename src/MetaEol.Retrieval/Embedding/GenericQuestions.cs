namespace MetaEol.Retrieval.Embedding;

/// <summary>Questions about nothing. What their vectors have in common is what makes a question a question, and says nothing of its subject.</summary>
internal static class GenericQuestions
{
    public static IReadOnlyList<string> Texts { get; } =
    [
        "What is it?",
        "What is this about?",
        "How does it work?",
        "How many are there?",
        "How much does it cost?",
        "How long does it take?",
        "How often does it happen?",
        "Where can I find it?",
        "When did it happen?",
        "Why did they do it?",
        "Who is it?",
        "Which one is the best?",
        "Is it any good?",
        "Do I need it?",
        "What should I do?",
        "Can it be done?",
    ];
}
