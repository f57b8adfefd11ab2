using System.IO.MemoryMappedFiles;

namespace MetaEol.Fuzz.Running;

/// <summary>A few bytes of memory that two processes share: the worker writes which input it runs, which costs nothing, and the other one still reads it when the worker is gone.</summary>
internal sealed class Heartbeat : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public Heartbeat(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, sizeof(long));
        _view = _file.CreateViewAccessor(0, sizeof(long));
    }

    /// <summary>The input that runs, counted from the start of the request.</summary>
    public long Input
    {
        get => _view.ReadInt64(0);
        set => _view.Write(0, value);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}
