using System.Buffers.Binary;
using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dragoman.Bench.Wire;

/// <summary>epoll over non-blocking sockets, for one thread.</summary>
/// <remarks>Load driver and backend share the machine with the server they measure. One thread that never wakes
/// another disturbs it least, and its time stamps are taken where the bytes arrive.</remarks>
public sealed partial class EventLoop : IDisposable
{
    private const uint In = 0x1, Out = 0x4, PeerClosed = 0x2000;
    private const int Capacity = 512;

    // The kernel packs epoll_event on x86-64 alone.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int KeyOffset = EventSize - 8;

    private readonly byte[] _events = new byte[Capacity * EventSize];
    private readonly int _epoll = Check(epoll_create1(0));

    /// <summary>Watches a socket for input; <paramref name="key"/> comes back from <see cref="this[int]"/>.</summary>
    public void Add(Socket socket, int key) => Control(1, socket, key, In | PeerClosed);

    /// <summary>Also watches for room to write, or no longer.</summary>
    public void WantWrite(Socket socket, int key, bool wanted) =>
        Control(3, socket, key, wanted ? In | Out | PeerClosed : In | PeerClosed);

    public void Remove(Socket socket) => Control(2, socket, 0, 0);

    /// <returns>How many sockets are ready.</returns>
    public unsafe int Wait(int milliseconds)
    {
        fixed (byte* events = _events)
        {
            var count = epoll_wait(_epoll, events, Capacity, milliseconds);
            const int interrupted = 4;
            return count >= 0 ? count : Marshal.GetLastPInvokeError() == interrupted ? 0 : Check(count);
        }
    }

    /// <summary>The key of the n-th ready socket.</summary>
    public int this[int index] => (int)BinaryPrimitives.ReadUInt64LittleEndian(_events.AsSpan(index * EventSize + KeyOffset));

    public void Dispose() => _ = close(_epoll);

    private unsafe void Control(int operation, Socket socket, int key, uint interest)
    {
        var entry = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(entry, 4), interest);
        BinaryPrimitives.WriteUInt64LittleEndian(new Span<byte>(entry + KeyOffset, 8), (uint)key);
        Check(epoll_ctl(_epoll, operation, (int)socket.Handle, entry));
    }

    private static int Check(int result) => result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError());

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_ctl(int epoll, int operation, int descriptor, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static unsafe partial int epoll_wait(int epoll, byte* events, int capacity, int milliseconds);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
