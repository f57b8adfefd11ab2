namespace MetaEol.Extensions.TorchSharp.Scheduling;

/// <summary>A whole model on one device, or split over several; used by the one thread that it was made on.</summary>
internal interface IReplica : IDisposable
{
    /// <summary>The devices, for messages.</summary>
    string Name { get; }

    /// <summary>Whether a device is lost after an error, so that nothing more can be computed on it; otherwise the error belongs to the work.</summary>
    /// <param name="error">What the work threw.</param>
    bool IsLost(Exception error);
}
