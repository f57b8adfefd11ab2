namespace MetaEol.Llama.Kernels.Emitted;

/// <summary>The general-purpose registers of x64; the values are their numbers in machine code.</summary>
internal enum Gpr
{
    Rax,
    Rcx,
    Rdx,
    Rbx,
    Rsp,
    Rbp,
    Rsi,
    Rdi,
    R8,
    R9,
    R10,
    R11,
    R12,
    R13,
    R14,
    R15,
}
