using Dragoman.Bench.Wire;

namespace Dragoman.Bench.Load;

/// <summary>A server under measurement: how it is started, and which API it is spoken to in.</summary>
internal sealed record Target(string Name, Api Api, Func<int, int, Workshop, (string File, string[] Arguments)> Command)
{
    public static readonly Target Nginx = new("nginx", Api.ChatCompletions, (port, backend, workshop) =>
        ("nginx", ["-e", workshop.Path("nginx-error.log"), "-p", workshop.Folder, "-c", NginxConfiguration.Write(port, backend, workshop)]));

    public static readonly Target Yarp = new("yarp", Api.ChatCompletions, (port, backend, workshop) =>
        ("dotnet", [workshop.Forwarder, $"http://127.0.0.1:{port}", $"http://127.0.0.1:{backend}"]));

    /// <param name="program">A dragoman.dll, or a native executable.</param>
    public static Target Dragoman(string name, string program, string[] more) => new(name, Api.Messages, (port, backend, _) =>
    {
        string[] arguments =
        [
            "serve", "--urls", $"http://127.0.0.1:{port}", "--backend", $"http://127.0.0.1:{backend}/v1", "--dialect", "generic", .. more,
        ];
        return program.EndsWith(".dll", StringComparison.Ordinal) ? ("dotnet", [program, .. arguments]) : (program, arguments);
    });
}

/// <summary>Where things are: the folder for logs and results, and the forwarder's program.</summary>
internal sealed record Workshop(string Folder, string Forwarder, string Backend)
{
    public string Path(string name) => System.IO.Path.Combine(Folder, name);
}
