namespace Dragoman.RateLimiting;

/// <summary>What runs inside of the Redis or Valkey server, so that replicas cannot come between reading and writing.</summary>
/// <remarks>
/// A minute is a hash: a field for each slice by its number, <c>n</c> their sum, <c>l</c> the newest; at most 123 fields, which the server
/// keeps in one small block. A day or month is a hash: <c>w</c> its number, <c>n</c> the count. Open places are a sorted set: a lease each,
/// by the time at which it lapses. Time is the server's. Every key expires by itself.
/// </remarks>
internal static class RedisScripts
{
    private const string Prelude = """
        local SLICE, SLICES = 500, 121
        local t = redis.call('TIME')
        local now = t[1] * 1000 + math.floor(t[2] / 1000) + tonumber(ARGV[1])
        local slice = math.floor(now / SLICE)

        local function text(n) return string.format('%.0f', n) end

        -- Number of the UTC day, or of the month by the proleptic Gregorian calendar.
        local function number(window, ms)
          local day = math.floor(ms / 86400000)
          if window == 'day' then return day end
          local z = day + 719468
          local era = math.floor(z / 146097)
          local doe = z - era * 146097
          local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
          local mp = math.floor((5 * (doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))) + 2) / 153)
          local month = mp < 10 and mp + 3 or mp - 9
          return (yoe + era * 400 + (month <= 2 and 1 or 0)) * 12 + month - 1
        end

        -- Forgets what is older than a minute; what is left.
        local function advance(key)
          local m = redis.call('HMGET', key, 'n', 'l')
          local n, l = tonumber(m[1] or '0'), tonumber(m[2] or '0')
          if slice - l >= SLICES then
            redis.call('DEL', key)
            return 0
          end
          local old, gone = {}, 0
          for s = l - SLICES + 1, slice - SLICES do old[#old + 1] = text(s) end
          if #old > 0 then
            for _, v in ipairs(redis.call('HMGET', key, unpack(old))) do gone = gone + tonumber(v or '0') end
            redis.call('HDEL', key, unpack(old))
            redis.call('HSET', key, 'l', text(slice))
            if gone ~= 0 then n = redis.call('HINCRBY', key, 'n', text(-gone)) end
          end
          return n
        end

        -- amount is a text, so that no digit is lost.
        local function addToMinute(key, s, amount)
          redis.call('HINCRBY', key, text(s), amount)
          redis.call('HINCRBY', key, 'n', amount)
          if redis.call('HEXISTS', key, 'l') == 0 then redis.call('HSET', key, 'l', text(slice)) end
          redis.call('PEXPIRE', key, 2 * SLICE * SLICES)
        end

        local function inCalendar(key, window, ms)
          local m = redis.call('HMGET', key, 'w', 'n')
          local w, current = tonumber(m[1] or '-1'), number(window, ms)
          return w == current and tonumber(m[2] or '0') or 0, w, current
        end

        local function addToCalendar(key, window, w, current, amount)
          if w ~= current then
            redis.call('DEL', key)
            redis.call('HSET', key, 'w', text(current))
          end
          redis.call('HINCRBY', key, 'n', amount)
          redis.call('PEXPIRE', key, window == 'day' and 172800000 or 5443200000)
        end

        """;

    /// <summary>Takes from all or from none.</summary>
    /// <remarks>ARGV: milliseconds that the clock is set forward, lease, its life in milliseconds; then for each key window, capacity, needed, taken.
    /// Answers 1 or 0, the time in milliseconds, and for each key what is used and how long to wait.</remarks>
    public const string Take = Prelude + """
        local function wait(key, n, most)
          local names = {}
          for s = slice - SLICES + 1, slice do names[#names + 1] = text(s) end
          for i, v in ipairs(redis.call('HMGET', key, unpack(names))) do
            n = n - tonumber(v or '0')
            if n <= most then return (slice + i) * SLICE - now end
          end
          return SLICE * SLICES
        end

        local lease, life = ARGV[2], tonumber(ARGV[3])
        local answer = { 1, now }
        for i, key in ipairs(KEYS) do
          local window, capacity, needed = ARGV[4 * i], tonumber(ARGV[4 * i + 1]), tonumber(ARGV[4 * i + 2])
          local used, pause = 0, 0
          if window == 'open' then
            redis.call('ZREMRANGEBYSCORE', key, '-inf', text(now))
            used = redis.call('ZCARD', key)
          elseif window == 'minute' then
            used = advance(key)
          else
            used = inCalendar(key, window, now)
          end
          if used + needed > capacity then
            answer[1] = 0
            if window == 'minute' then pause = wait(key, used, capacity - needed) end
          end
          answer[#answer + 1] = used
          answer[#answer + 1] = pause
        end

        if answer[1] == 0 then return answer end
        for i, key in ipairs(KEYS) do
          local window, taken = ARGV[4 * i], ARGV[4 * i + 3]
          if window == 'open' then
            redis.call('ZADD', key, text(now + life), lease)
            redis.call('PEXPIRE', key, life)
          elseif window == 'minute' then
            if taken ~= '0' then addToMinute(key, slice, taken) end
          else
            local _, w, current = inCalendar(key, window, now)
            addToCalendar(key, window, w, current, taken)
          end
          answer[2 * i + 1] = answer[2 * i + 1] + tonumber(taken)
        end
        return answer
        """;

    /// <summary>Gives places back and corrects what was taken.</summary>
    /// <remarks>ARGV: milliseconds that the clock is set forward, lease, the time at which it was taken; then for each key window, amount, and 1 if
    /// the amount is of now. A day or month that is over is let be.</remarks>
    public const string Settle = Prelude + """
        local lease, at = ARGV[2], tonumber(ARGV[3])
        for i, key in ipairs(KEYS) do
          local window, amount = ARGV[3 * i + 1], ARGV[3 * i + 2]
          if window == 'open' then
            redis.call('ZREM', key, lease)
          elseif window == 'minute' then
            advance(key)
            local s = ARGV[3 * i + 3] == '1' and slice or math.floor(at / SLICE)
            if s > slice - SLICES then addToMinute(key, s, amount) end
          else
            local _, w, current = inCalendar(key, window, at)
            if w <= current then addToCalendar(key, window, w, current, amount) end
          end
        end
        return 1
        """;

    /// <summary>Keeps leases from lapsing.</summary>
    /// <remarks>ARGV: milliseconds that the clock is set forward, a life in milliseconds; then for each key the lease.</remarks>
    public const string Renew = Prelude + """
        local life = tonumber(ARGV[2])
        for i, key in ipairs(KEYS) do
          redis.call('ZADD', key, text(now + life), ARGV[i + 2])
          redis.call('PEXPIRE', key, life)
        end
        return 1
        """;
}
