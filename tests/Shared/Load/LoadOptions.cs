namespace MetaEol.Tests.Load;

/// <summary>How much load is put on a server.</summary>
/// <param name="Clients">Clients at the same time, each with a connection of its own.</param>
/// <param name="Requests">Requests of each client; null for as many as fit into <paramref name="Time"/>.</param>
/// <param name="Time">How long clients begin new requests.</param>
/// <param name="Seed">What clients do is drawn from it.</param>
internal sealed record LoadOptions(int Clients, int? Requests, TimeSpan Time, int Seed = 1);
