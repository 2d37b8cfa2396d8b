using System.Buffers;
using Microsoft.AspNetCore.Connections;

namespace Dragoman.Endpoints;

/// <summary>Memory for Kestrel's sockets in blocks of 32 KB instead of 4 KB.</summary>
/// <remarks>A request of 40 KB is read by 4 calls of the system instead of 22, one of 1 MB by 64 instead of 500: of each pair one asks whether there is
/// something, so that a connection holds no block while it is silent.</remarks>
internal sealed class LargeBlocks : MemoryPool<byte>, IMemoryPoolFactory<byte>
{
    private const int BlockSize = 32 * 1024;

    /// <inheritdoc/>
    public override int MaxBufferSize => Shared.MaxBufferSize;

    /// <inheritdoc/>
    public override IMemoryOwner<byte> Rent(int minBufferSize = -1) => Shared.Rent(Math.Max(minBufferSize, BlockSize));

    /// <inheritdoc/>
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => this;

    protected override void Dispose(bool disposing)
    {
        // The shared pool beneath is not ours.
    }
}
