using Dragoman.Configuration;

namespace Dragoman.Tests.Configuration;

/// <summary>A configuration file in a folder of its own.</summary>
internal sealed class WrittenFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dragoman");

    public WrittenFile(string yaml) => Write(yaml);

    /// <summary>Its full path.</summary>
    public string Path => System.IO.Path.Combine(_folder.FullName, "dragoman.yaml");

    /// <summary>Replaces the file as editors do: another one takes its name.</summary>
    public void Write(string yaml)
    {
        WriteBeside("dragoman.yaml.new", yaml);
        File.Move(Path + ".new", Path, overwrite: true);
    }

    /// <summary>Writes another file into the folder.</summary>
    /// <returns>Its full path.</returns>
    public string WriteBeside(string name, string content)
    {
        var path = System.IO.Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Reads a text as if it stood in a file, with these environment variables.</summary>
    public static ConfigurationReading Read(string yaml, params (string Name, string Value)[] environment)
    {
        using var file = new WrittenFile(yaml);
        return file.Read(environment);
    }

    public ConfigurationReading Read(params (string Name, string Value)[] environment) => Source(environment).Read();

    public ConfigurationSource Source(params (string Name, string Value)[] environment) =>
        new(Path, name => environment.FirstOrDefault(variable => variable.Name == name).Value, []);

    /// <summary>The faults of a text, without the file's folder.</summary>
    public static string[] Faults(string yaml, params (string Name, string Value)[] environment)
    {
        using var file = new WrittenFile(yaml);
        return [.. file.Read(environment).Faults.Select(fault => fault.ToString().Replace(file._folder.FullName + "/", "", StringComparison.Ordinal))];
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
