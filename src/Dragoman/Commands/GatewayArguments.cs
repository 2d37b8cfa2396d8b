using System.CommandLine;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary>The options that say what gateway to run; <c>dragoman serve</c> and <c>dragoman claude</c> share them.</summary>
internal sealed class GatewayArguments
{
    private readonly Option<string?> _config = new("--config") { HelpName = "FILE", Description = "A configuration file." };

    private readonly Option<string?> _backend = new("--backend")
    {
        HelpName = "URL",
        Description = "The backend's address, such as http://127.0.0.1:8000/v1. Every model name goes to it.",
    };

    private readonly Option<string> _schema = new("--schema")
    {
        HelpName = "NAME",
        Description = "The API the backend speaks: openai.",
        DefaultValueFactory = _ => "openai",
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

    private readonly Option<string[]> _set = new("--set")
    {
        HelpName = "KEY=VALUE",
        Description = "Any setting of docs/configuration.md, as KEY=VALUE. May be given several times.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        Option[] options = [_backend, _model, _apiKey, _dialect, _schema, _allowAnonymous, _set, _config];
        foreach (var option in options) command.Options.Add(option);
    }

    /// <summary>What was asked for, on the command line before what the environment says. Without a backend: the caller has to find
    /// one.</summary>
    /// <exception cref="ConfigurationException">Arguments that make no sense.</exception>
    public GatewayOptions Read(ParseResult arguments)
    {
        RefuseFile(arguments.GetValue(_config));
        var options = Settings.FromEnvironment(new GatewayOptions(), Environment.GetEnvironmentVariable);
        foreach (var pair in arguments.GetValue(_set) ?? []) options = Settings.Apply(options, pair);
        if (arguments.GetValue(_allowAnonymous)) options = options with { AllowAnonymous = true };
        if (arguments.GetValue(_backend) is not { } address)
        {
            RefuseWithoutBackend(arguments);
            return options;
        }

        var backend = new BackendOptions
        {
            Name = "backend",
            Url = BackendOptions.ParseUrl(address),
            Schema = arguments.GetValue(_schema)!,
            Dialect = arguments.GetValue(_dialect)!,
            ApiKey = arguments.GetValue(_apiKey) ?? NonEmpty(Environment.GetEnvironmentVariable("DRAGOMAN_API_KEY")),
        };
        return Everything(options with { Backends = [backend] }, arguments.GetValue(_model));
    }

    /// <summary>The model that was asked for beside backends that were found; null if none was.</summary>
    public string? ModelOf(ParseResult arguments) => arguments.GetValue(_model);

    /// <summary>Sends every name to the first backend, as <paramref name="model"/> if one is given.</summary>
    public static GatewayOptions Everything(GatewayOptions options, string? model) =>
        model is null ? options : options with { Routes = [new ModelRouteOptions { Model = "*", To = [new(options.Backends[0].Name, model)] }] };

    private static void RefuseFile(string? file)
    {
        const string instead = "This release takes --backend and --set, or finds a backend by itself.";
        if (file is not null) throw new ConfigurationException($"Configuration files come with a later release, so '{file}' was not read. {instead}");
        if (File.Exists("dragoman.yaml"))
        {
            throw new ConfigurationException(
                $"There is a dragoman.yaml here, but configuration files come with a later release. {instead} Start from another folder, or rename the file.");
        }
    }

    private void RefuseWithoutBackend(ParseResult arguments)
    {
        foreach (var option in new Option[] { _schema, _dialect, _apiKey })
        {
            if (arguments.GetResult(option) is { Implicit: false })
                throw new ConfigurationException($"{option.Name} describes a backend, but no --backend was given.");
        }
    }

    private static string? NonEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
