namespace MetaEol.Llama.Encoding;

/// <summary>Receives all rows' keys and values of a layer, <c>[rows × kv width]</c> each; valid during the call.</summary>
internal unsafe delegate void KeysValuesHandler(int layer, float* keys, float* values);
