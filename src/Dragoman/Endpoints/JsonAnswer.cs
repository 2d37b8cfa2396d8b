namespace Dragoman.Endpoints;

/// <summary>Writes small JSON answers.</summary>
internal static class JsonAnswer
{
    /// <summary>Answers with <paramref name="json"/>; a HEAD request gets the headers only.</summary>
    public static async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> json, int status = 200)
    {
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(http.Request.Method)) await http.Response.BodyWriter.WriteAsync(json, http.RequestAborted);
    }
}
