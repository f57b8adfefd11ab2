namespace MetaEol.Llama.Encoding;

/// <summary>Receives the prompts' last tokens' hidden states at an index, <c>[prompts × hidden]</c>, before the final norm; valid during the call.</summary>
internal unsafe delegate void HiddenStatesHandler(int index, float* hiddenStates);
