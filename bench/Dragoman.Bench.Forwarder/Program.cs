// YARP forwarding one HTTP/1.1 backend: what a well-made .NET proxy costs that understands nothing of what it carries.
// Arguments: the URL to listen on, the backend's URL.
using System.Net;
using Yarp.ReverseProxy.Forwarder;

var listen = args[0];
var backend = args[1];

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.WebHost.UseUrls(listen);
builder.Services.AddHttpForwarder();
await using var app = builder.Build();

using var client = new HttpMessageInvoker(new SocketsHttpHandler
{
    UseProxy = false,
    UseCookies = false,
    AllowAutoRedirect = false,
    AutomaticDecompression = DecompressionMethods.None,
    ActivityHeadersPropagator = null,
});
var request = new ForwarderRequestConfig
{
    // The default of 100 s would end a paced stream that a slow machine stretches.
    ActivityTimeout = TimeSpan.FromMinutes(10),
    Version = HttpVersion.Version11,
    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
};
var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
app.Map("/{**path}", async (HttpContext context) =>
    await forwarder.SendAsync(context, backend, client, request, HttpTransformer.Default));
await app.RunAsync();
