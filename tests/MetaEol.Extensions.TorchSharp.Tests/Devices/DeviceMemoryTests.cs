using System.Runtime.InteropServices;
using MetaEol.Extensions.TorchSharp.Devices;
using TorchSharp;

namespace MetaEol.Extensions.TorchSharp.Tests.Devices;

public class DeviceMemoryTests
{
    [Fact]
    public void IsExhausted_LibtorchsOwnErrors_AreToldApart()
    {
        Exception memory = Record.Exception(() => torch.empty(1L << 50))!;
        Exception shape = Record.Exception(() => torch.nn.functional.linear(torch.ones(2, 3), torch.ones(4, 5)))!;
        Assert.True(DeviceMemory.IsExhausted(memory));
        Assert.True(DeviceMemory.IsExhausted(new InvalidOperationException("wrapped", memory)));
        Assert.False(DeviceMemory.IsExhausted(shape));
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 23.65 GiB of which 1.02 GiB is free.")]
    [InlineData("CUDA error: out of memory")]
    [InlineData("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`")]
    [InlineData("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`")]
    [InlineData("cuDNN error: CUDNN_STATUS_ALLOC_FAILED")]
    [InlineData("MPS backend out of memory (MPS allocated: 9.01 GB, other allocations: 1.2 MB, max allowed: 9.07 GB).")]
    [InlineData("[enforce fail at alloc_cpu.cpp:117] data. DefaultCPUAllocator: not enough memory: you tried to allocate 4503599627370496 bytes.")]
    [InlineData("std::bad_alloc")]
    public void IsExhausted_EveryLibrarysSentence_IsKnown(string message)
    {
        Assert.True(DeviceMemory.IsExhausted(new ExternalException(message)));

        // The same words from elsewhere say nothing about a device.
        Assert.False(DeviceMemory.IsExhausted(new InvalidOperationException(message)));
    }

    [Theory]
    [InlineData("CUDA error: an illegal memory access was encountered")]
    [InlineData("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle, opa, opb, m, n, k, &alpha, a, lda, b, ldb, &beta, c, ldc)`")]
    public void IsExhausted_OtherErrors_AreNot(string message) => Assert.False(DeviceMemory.IsExhausted(new ExternalException(message)));
}
