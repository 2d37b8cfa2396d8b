using System.Buffers;
using System.IO.Compression;
using System.Runtime.InteropServices;
using UglyToad.PdfPig.Filters;
using UglyToad.PdfPig.Tokens;

namespace Dragoman.Documents;

/// <summary>A PDF's stream filters with a limit for what a whole document may unpack to: PdfPig itself sets none, and a few
/// kilobytes of nested deflate unpack to terabytes. Images are not unpacked at all.</summary>
internal sealed class BoundedFilters(long maxUnpackedBytes) : IFilterProvider
{
    private long _left = maxUnpackedBytes;

    public IReadOnlyList<IFilter> GetFilters(DictionaryToken dictionary) => Bounded(DefaultFilterProvider.Instance.GetFilters(dictionary));

    public IReadOnlyList<IFilter> GetNamedFilters(IReadOnlyList<NameToken> names) => Bounded(DefaultFilterProvider.Instance.GetNamedFilters(names));

    public IReadOnlyList<IFilter> GetAllFilters() => Bounded(DefaultFilterProvider.Instance.GetAllFilters());

    private IFilter[] Bounded(IReadOnlyList<IFilter> filters) => [.. filters.Select(filter => new BoundedFilter(filter, this))];

    private sealed class BoundedFilter(IFilter filter, BoundedFilters document) : IFilter
    {
        /// <summary>A code of 12 bits stands for at most 4096 bytes.</summary>
        private const long LargestLzwRatio = 4096 * 8 / 12;

        /// <summary>Two bytes stand for at most 128.</summary>
        private const long LargestRunLengthRatio = 64;

        public bool IsSupported => filter.IsSupported;

        public Memory<byte> Decode(Memory<byte> input, DictionaryToken streamDictionary, IFilterProvider filterProvider, int filterIndex)
        {
            if (filter is CcittFaxDecodeFilter or DctDecodeFilter or Jbig2DecodeFilter or JpxDecodeFilter)
                return Memory<byte>.Empty;

            // Never handed over before it is known to fit. Deflate is unpacked twice for that, the first time into nothing; the
            // others are rare and small, so that their worst case serves.
            var most = filter switch
            {
                FlateFilter => UnpackedLength(input, document._left),
                LzwFilter => input.Length * LargestLzwRatio,
                RunLengthFilter => input.Length * LargestRunLengthRatio,
                _ => input.Length,
            };
            if (most > document._left)
                throw new InvalidDataException("The document unpacks to more than it may.");
            var unpacked = filter.Decode(input, streamDictionary, filterProvider, filterIndex);
            document._left -= unpacked.Length;
            return unpacked;
        }

        /// <summary>How much a deflated stream unpacks to, or some more than <paramref name="most"/>.</summary>
        private static long UnpackedLength(Memory<byte> input, long most)
        {
            // Two bytes of header, whatever they say: PdfPig does not look at them either.
            if (input.Length <= 2)
                return 0;
            var packed = MemoryMarshal.TryGetArray<byte>(input[2..], out var array) ? array : new(input[2..].ToArray());
            var scratch = ArrayPool<byte>.Shared.Rent(64 * 1024);
            var length = 0L;
            try
            {
                using var inflating = new DeflateStream(new MemoryStream(packed.Array!, packed.Offset, packed.Count), CompressionMode.Decompress);
                while (length <= most && inflating.Read(scratch) is > 0 and var read)
                    length += read;
            }
            catch (InvalidDataException)
            {
                // Damaged from here on. PdfPig keeps what came before, which is what was counted.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(scratch);
            }
            return length;
        }
    }
}
