using System.Buffers.Binary;
using System.Collections.ObjectModel;
using System.IO.MemoryMappedFiles;
using MetaEol.Llama.ModelFiles;

namespace MetaEol.Llama.Weights;

/// <summary>A memory-mapped safetensors file: a header that lists tensors, then their bytes.</summary>
/// <remarks>
/// The header is checked against the format's rules before anything is mapped: tensors lie in the file one behind another, without gap or overlap, each as
/// long as its shape and number type say. The file must not be made shorter while it is open: the operating system ends a process that reads mapped pages
/// that are no longer there.
/// </remarks>
public sealed unsafe class SafetensorsFile : IDisposable
{
    private const int LengthSize = 8;

    // The limit of the reference implementation.
    private const long MaximumHeaderLength = 100_000_000;

    private readonly MemoryMappedFile _map;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;
    private int _disposed;

    private SafetensorsFile(string path, SafetensorsHeader header, MemoryMappedFile map)
    {
        Path = path;
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        _map = map;
        _view = map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        byte* start = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
        _start = start + _view.PointerOffset;
    }

    /// <summary>Full path of the file.</summary>
    public string Path { get; }

    /// <summary>The tensors by name, whatever their number type.</summary>
    public ReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>The header's <c>__metadata__</c>; empty where there is none.</summary>
    public ReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file, checks its header and maps it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ArgumentException"><paramref name="path"/> is null or empty.</exception>
    /// <exception cref="InvalidModelException">The file is missing, cannot be read, or breaks a rule of the format.</exception>
    public static SafetensorsFile Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        path = System.IO.Path.GetFullPath(path);
        FileStream stream = ModelFile.Open(path, "expected a safetensors file");
        try
        {
            SafetensorsHeader header = ReadHeader(stream, path);
            MemoryMappedFile map = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            try
            {
                return new SafetensorsFile(path, header, map);
            }
            catch
            {
                map.Dispose();
                throw;
            }
        }
        catch (Exception exception)
        {
            stream.Dispose();
            if (exception is IOException or UnauthorizedAccessException)
            {
                throw new InvalidModelException($"'{path}' cannot be mapped into memory: {exception.Message}", exception);
            }

            throw;
        }
    }

    /// <summary>First byte of a tensor of this file, which has <see cref="TensorInfo.ByteCount"/> bytes; it need not be aligned.</summary>
    /// <param name="tensor">A tensor of <see cref="Tensors"/>.</param>
    /// <returns>A pointer that is valid until the file is disposed; for a file of <see cref="LlamaWeights"/>, while those are leased.</returns>
    /// <exception cref="ArgumentException"><paramref name="tensor"/> is not of this file.</exception>
    /// <exception cref="ObjectDisposedException">The file is disposed.</exception>
    public byte* GetPointer(TensorInfo tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        return Tensors.TryGetValue(tensor.Name, out TensorInfo? own) && ReferenceEquals(own, tensor)
            ? _start + tensor.Offset
            : throw new ArgumentException($"Tensor '{tensor.Name}' is not of '{Path}'.", nameof(tensor));
    }

    /// <summary>Unmaps the file; pointers into it are invalid from then on.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            _view.SafeMemoryMappedViewHandle.ReleasePointer();
            _view.Dispose();
            _map.Dispose();
        }
    }

    private static SafetensorsHeader ReadHeader(FileStream stream, string path)
    {
        long fileLength = stream.Length;
        if (fileLength < LengthSize)
        {
            throw new InvalidModelException($"'{path}' has {fileLength} bytes; a safetensors file begins with a header length of {LengthSize} bytes.");
        }

        byte[] lengthBytes = new byte[LengthSize];
        stream.ReadExactly(lengthBytes);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(lengthBytes);
        long longest = Math.Min(fileLength - LengthSize, MaximumHeaderLength);
        if (length > (ulong)longest)
        {
            throw new InvalidModelException(
                $"'{path}' has {fileLength} bytes and says that its header has {length}; expected at most {longest}. The file is truncated, or no safetensors file.");
        }

        byte[] json = new byte[length];
        stream.ReadExactly(json);
        return SafetensorsHeader.Parse(json, path, LengthSize + (long)length, fileLength);
    }
}
