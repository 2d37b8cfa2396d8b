using System.CommandLine;
using Dragoman.Configuration;

namespace Dragoman.Commands;

/// <summary><c>dragoman check</c>: says what a configuration file will do, or everything that is wrong with it.</summary>
internal static class CheckCommand
{
    public static Command Create()
    {
        var command = new Command("check", "Say what a configuration file will do, or all that is wrong with it.");
        var config = ConfigurationArguments.Config();
        var set = ConfigurationArguments.Set();
        var schema = new Option<bool>("--schema") { Description = "Print the JSON Schema of configuration files instead, for editors." };
        command.Options.Add(config);
        command.Options.Add(set);
        command.Options.Add(schema);
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(schema))
            {
                Console.Out.Write(ConfigurationSchema.Write());
                return ExitStatus.Stopped;
            }

            var file = parsed.GetValue(config) ?? ConfigurationArguments.FileHere()
                ?? throw new ConfigurationException("There is no dragoman.yaml in this folder. Name the file with --config FILE.");
            var source = new ConfigurationSource(file, Environment.GetEnvironmentVariable, ConfigurationArguments.Overrides(parsed.GetValue(set)));
            return Check(source, TimeProvider.System, Console.Out);
        });
        return command;
    }

    /// <summary>Writes what the configuration will do, or its faults.</summary>
    /// <returns>The status to end with.</returns>
    public static int Check(ConfigurationSource source, TimeProvider time, TextWriter output)
    {
        var reading = source.Read();
        if (reading.Faults.Count > 0)
        {
            foreach (var fault in reading.Faults) output.WriteLine(fault);
            output.WriteLine($"\n{source.File}: {(reading.Faults.Count == 1 ? "1 fault" : $"{reading.Faults.Count} faults")}.");
            return ExitStatus.BadConfiguration;
        }

        output.WriteLine($"{source.File} is good.\n");
        new ConfigurationReport(reading, output).Write(time.GetUtcNow());
        return ExitStatus.Stopped;
    }
}
