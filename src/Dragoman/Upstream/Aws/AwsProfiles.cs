using Dragoman.Upstream.Native;

namespace Dragoman.Upstream.Aws;

/// <summary>The files that Amazon's tools share: <c>~/.aws/credentials</c> and <c>~/.aws/config</c>.</summary>
internal static class AwsProfiles
{
    /// <summary>The settings of a profile, of both files together; null if neither knows it.</summary>
    /// <exception cref="IOException">A file is there and cannot be read.</exception>
    public static IReadOnlyDictionary<string, string>? Read(AwsSurroundings surroundings, string profile)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        // The credentials file last: what stands there counts.
        var found = Read(surroundings.Set("AWS_CONFIG_FILE") ?? Path.Combine(surroundings.Folder, "config"), [$"profile {profile}", profile], settings);
        found |= Read(surroundings.Set("AWS_SHARED_CREDENTIALS_FILE") ?? Path.Combine(surroundings.Folder, "credentials"), [profile], settings);
        return found ? settings : null;
    }

    /// <summary>The key of a profile; null if it holds none.</summary>
    /// <exception cref="CredentialException">It holds half a key.</exception>
    public static AwsCredentials? Key(IReadOnlyDictionary<string, string> settings, string profile)
    {
        var id = settings.GetValueOrDefault("aws_access_key_id");
        var secret = settings.GetValueOrDefault("aws_secret_access_key");
        if (id is null && secret is null) return null;
        if (id is null || secret is null) throw new CredentialException($"the profile '{profile}' holds only one of aws_access_key_id and aws_secret_access_key");
        return new(id, secret, settings.GetValueOrDefault("aws_session_token"));
    }

    private static bool Read(string path, string[] sections, Dictionary<string, string> settings)
    {
        if (!File.Exists(path)) return false;
        var found = false;
        var inside = false;
        foreach (var line in File.ReadLines(path))
        {
            var text = line.Trim();
            if (text.Length == 0 || text[0] is '#' or ';') continue;
            if (text[0] == '[')
            {
                var name = string.Join(' ', text.Trim('[', ']').Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
                inside = sections.Contains(name);
                found |= inside;
                continue;
            }

            var equals = text.IndexOf('=', StringComparison.Ordinal);
            // An indented line belongs to a setting of several parts, such as s3's: none of ours.
            if (inside && equals > 0 && !char.IsWhiteSpace(line[0])) settings[text[..equals].Trim()] = text[(equals + 1)..].Trim();
        }

        return found;
    }
}
