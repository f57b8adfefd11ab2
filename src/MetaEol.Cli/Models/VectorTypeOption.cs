using System.CommandLine;
using MetaEol.Cli.CommandLine;
using MetaEol.Extensions.SmallVectors;

namespace MetaEol.Cli.Models;

/// <summary>The option that says in which numbers vectors are kept.</summary>
internal static class VectorTypeOption
{
    public static Option<VectorType> Create(string description) => ToolOption.Choice(
        "--type", description, VectorType.Float32, ("float32", VectorType.Float32), ("float16", VectorType.Float16), ("int8", VectorType.Int8), ("binary", VectorType.Binary));
}
