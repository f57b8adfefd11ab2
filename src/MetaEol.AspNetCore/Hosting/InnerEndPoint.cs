using System.Net;

namespace MetaEol.AspNetCore.Hosting;

/// <summary>An endpoint inside the process, at which connections arrive by being handed over alone.</summary>
internal sealed class InnerEndPoint : EndPoint
{
    public override string ToString() => "inner";
}
