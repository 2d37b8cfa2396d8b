// A backend that costs as little as it can: prepared bytes, one thread. It answers every completion with the answer
// that was last asked for (POST /bench/answer/NAME/MILLISECONDS), so that what translators do to requests plays no part.
// Argument: the port on 127.0.0.1.
using System.Globalization;
using Dragoman.Bench.Backend;

using var backend = new BackendLoop(int.Parse(args[0], CultureInfo.InvariantCulture));
backend.Run();
