namespace MetaEol.Llama.Planning;

/// <summary>A beginning that is stored in this call.</summary>
/// <param name="Prompt">A prompt that has it.</param>
/// <param name="Length">Its number of tokens.</param>
/// <param name="Shared">Whether different prompts share it: what comes back with the very same prompt only may be a text, and is not kept beyond the process.</param>
internal readonly record struct AdmittedPrefix(int Prompt, int Length, bool Shared);
