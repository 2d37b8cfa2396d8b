using System.CommandLine;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary>The options that say what gateway to run; <c>dragoman serve</c> and <c>dragoman claude</c> share them.</summary>
internal sealed class GatewayArguments
{
    private readonly Option<string?> _config = ConfigurationArguments.Config();

    private readonly Option<string?> _backend = new("--backend")
    {
        HelpName = "URL",
        Description = "The backend's address, such as http://127.0.0.1:8000/v1. Every model name goes to it.",
    };

    private readonly Option<string> _schema = new("--schema")
    {
        HelpName = "NAME",
        Description = $"The API the backend speaks: {string.Join(", ", Schemas.All)}.",
        DefaultValueFactory = _ => Schemas.OpenAI,
    };

    private readonly Option<string> _dialect = new("--dialect")
    {
        HelpName = "NAME",
        Description = "How the backend deviates from that API: a preset's name, or auto.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> _model = new("--model")
    {
        HelpName = "NAME",
        Description = "The model to ask the backend for, whatever name a caller uses. Without it: the caller's name if the backend lists it, else the first one listed.",
    };

    private readonly Option<string?> _apiKey = new("--api-key")
    {
        HelpName = "KEY",
        Description = "The backend's key. It shows in the process list; DRAGOMAN_API_KEY does not.",
    };

    private readonly Option<bool> _allowAnonymous = new("--allow-anonymous")
    {
        Description = "Listening beyond loopback without client keys is meant.",
    };

    private readonly Option<string[]> _set = ConfigurationArguments.Set();

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options = [_backend, _model, _apiKey, _dialect, _schema, _allowAnonymous, _set, _config];
        foreach (var option in options) command.Options.Add(option);
    }

    /// <summary>Where the configuration comes from: a file, if one is named or stands in this folder and no backend is named, then the
    /// environment, then the command line. Without a backend: the caller has to find one.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="more">What the command adds; it goes before all else.</param>
    /// <exception cref="ConfigurationException">Arguments that make no sense.</exception>
    public ConfigurationSource Read(ParseResult arguments, params IEnumerable<ConfigurationOverride> more)
    {
        var overrides = ConfigurationArguments.Overrides(arguments.GetValue(_set));
        if (arguments.GetValue(_allowAnonymous)) overrides.Add(new("allow_anonymous", _allowAnonymous.Name, options => options with { AllowAnonymous = true }));
        var file = arguments.GetValue(_config);
        if (arguments.GetValue(_backend) is { } address)
        {
            if (file is not null) throw new ConfigurationException($"--backend is a whole configuration, and so is {file}. Name the backend in the file, or leave one of the two out.");
            overrides.Add(new("backends", _backend.Name, Backend(arguments, address)));
        }
        else
        {
            file ??= ConfigurationArguments.FileHere();
            RefuseWithoutBackend(arguments, file);
        }

        return new(file, Environment.GetEnvironmentVariable, [.. overrides, .. more]);
    }

    /// <summary>The model that was asked for beside backends that were found; null if none was.</summary>
    public string? ModelOf(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>Sends every name to the first backend, as <paramref name="model"/> if one is given.</summary>
    public static GatewayOptions Everything(GatewayOptions options, string? model) =>
        model is null ? options : options with { Routes = [new ModelRouteOptions { Model = "*", To = [new(options.Backends[0].Name, model)] }] };

    private Func<GatewayOptions, GatewayOptions> Backend(ParseResult arguments, string address)
    {
        var schema = arguments.GetValue(_schema)!;
        var backend = new BackendOptions
        {
            Name = "backend",
            Url = BackendOptions.ParseUrl(address, schema),
            Schema = schema,
            Dialect = arguments.GetValue(_dialect)!,
            ApiKey = arguments.GetValue(_apiKey) ?? NonEmpty(Environment.GetEnvironmentVariable("DRAGOMAN_API_KEY")),
        };
        return options => Everything(options with { Backends = [backend] }, arguments.GetValue(_model));
    }

    private void RefuseWithoutBackend(ParseResult arguments, string? file)
    {
        Option[] describing = file is null ? [_schema, _dialect, _apiKey] : [_schema, _dialect, _apiKey, _model];
        foreach (var option in describing)
        {
            if (arguments.GetResult(option) is not { Implicit: false }) continue;
            throw new ConfigurationException(file is null
                ? $"{option.Name} describes a backend, but no --backend was given."
                : $"{option.Name} describes a backend, but no --backend was given; the backends are those of {file}.");
        }
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
