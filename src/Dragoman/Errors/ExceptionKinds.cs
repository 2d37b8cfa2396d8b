namespace Dragoman.Errors;

/// <summary>What a log may say of an unforeseen exception, beside its place. Its text is for nobody: it may quote what a caller sent, or an
/// address.</summary>
internal static class ExceptionKinds
{
    /// <summary>Its type, and the types of what caused it.</summary>
    public static string Of(Exception e) => e.InnerException is { } cause ? $"{e.GetType().Name} by {Of(cause)}" : e.GetType().Name;
}
