using Dragoman.Protocol.Anthropic;
using Dragoman.Protocol.Json;

namespace Dragoman.Translation.ChatCompletions;

/// <summary>Images and documents (mapping.md sections 3.3 and 3.4; failures.md D6 to D9).</summary>
internal sealed class MediaTranslator(RequestTranslation translation, ContentTranslator content) : IDisposable
{
    private const string ImageOutOfPlace = "[image omitted: this model takes none here]";
    private const int UnknownImageTokens = 1600;

    // Pages are not known without reading the file; a page of a PDF is some 2000 tokens and seldom less than 40 KB of base64.
    private const int Base64BytesPerFileToken = 20;
    private const int MostFileTokens = 200_000;

    private readonly ConversationDraft _draft = translation.Draft;
    private readonly PooledList<WaitingMedia> _waiting = new(4);
    private JsonView _resultId;
    private string? _resultUpstreamId;
    private int _result;
    private int _imagesInResult;
    private List<string>? _upstreamIds;

    /// <summary>Images of tool results wait for a user message.</summary>
    public bool AnyWaiting => _waiting.Count > 0;

    private Dialect Dialect => translation.Dialect;

    // Where a user message may not follow a tool message, there is no place for images of tool results, and text goes onto the tool message.
    private bool InMessageWithoutImages =>
        _draft.LastRole == ChatRole.Assistant || (_draft.LastRole == ChatRole.Tool && !Dialect.ImagesInToolMessages);

    /// <summary>A tool result begins: its images are counted from 1.</summary>
    public void StartToolResult(JsonView id, string? upstreamId)
    {
        _resultId = id;
        _resultUpstreamId = upstreamId;
        _result++;
        _imagesInResult = 0;
    }

    /// <summary>An image in a user message.</summary>
    public void AddImage(ContentBlock block)
    {
        if (CannotSend(block) is { } placeholder)
            AddOmitted(block, placeholder);
        else if (InMessageWithoutImages)
            AddOmitted(block, ImageOutOfPlace);
        else
            AddImagePart(block.Source);
    }

    /// <summary>An image in a tool result: beside it if the backend takes that, else in the next user message.</summary>
    /// <param name="block">The image.</param>
    /// <param name="isOrphan">The result is told as a user's text.</param>
    public void AddImageOfToolResult(ContentBlock block, bool isOrphan)
    {
        if (CannotSend(block) is { } placeholder)
            AddOmitted(block, placeholder);
        else if (isOrphan || Dialect.ImagesInToolMessages)
            AddImage(block);
        else if (Dialect.Alternation == Alternation.NoUserAfterTool)
            AddOmitted(block, ImageOutOfPlace);
        else
            Wait(block.View, "image");
    }

    /// <summary>A document in a user message.</summary>
    /// <param name="block">The document.</param>
    /// <param name="mayRefuse">What cannot be sent is refused; else a placeholder stands in.</param>
    public void AddDocument(ContentBlock block, bool mayRefuse)
    {
        content.NoteCitations(block);
        var source = RequireSource(block);
        if (source.Type.Equals("text"u8))
        {
            StartDocument(block);
            _draft.Text(InvalidRequest.RequireString(source.Data, source.View, "data"));
            _draft.Own("</document>"u8);
        }
        else if (source.Type.Equals("content"u8))
        {
            AddContentDocument(block, source);
        }
        else if (IsPdf(source) && Dialect.Pdf != PdfDocuments.None && !InMessageWithoutImages && CanSendPdf(source))
        {
            AddPdfPart(block);
        }
        else if (TextOfPdf(source) is { } text)
        {
            StartDocument(block);
            _draft.Escaped(text);
            _draft.Own("</document>"u8);
        }
        else if (mayRefuse && IsPdf(source))
        {
            throw InvalidRequest.At(block.View, "source", "PDF documents are not supported by this model");
        }
        else
        {
            AddOmittedDocument(block, source);
        }
    }

    /// <summary>A document in a tool result: text stays there, a file follows like an image.</summary>
    public void AddDocumentOfToolResult(ContentBlock block, bool isOrphan)
    {
        var source = RequireSource(block);
        var isFile = IsPdf(source) && Dialect.Pdf != PdfDocuments.None && CanSendPdf(source);
        if (isFile && !isOrphan && Dialect.Alternation != Alternation.NoUserAfterTool)
            Wait(block.View, "document");
        else
            AddDocument(block, mayRefuse: false);
    }

    /// <summary>Adds what waits to the user message that was just opened, and says which result it belongs to.</summary>
    public void AddWaiting()
    {
        var result = -1;
        foreach (ref readonly var waiting in _waiting.Span)
        {
            var block = new ContentBlock(translation.Request.Root.Text!.At(waiting.Block));
            var isImage = block.Type == ContentBlockType.Image;
            if (waiting.Result != result)
            {
                result = waiting.Result;
                _draft.StartPart(DraftPartKind.Text);
                _draft.Own(isImage ? "Images from tool result "u8 : "Documents from tool result "u8);
                if (waiting.UpstreamId < 0)
                    _draft.Text(translation.Request.Root.Text!.At(waiting.Id));
                else
                    _draft.Escaped(_upstreamIds![waiting.UpstreamId]);
                _draft.Own(":"u8);
            }

            if (isImage)
                AddImagePart(block.Source);
            else
                AddPdfPart(block);
        }

        _waiting.CutTo(0);
    }

    public void Dispose() => _waiting.Dispose();

    private void Wait(JsonView block, string kind)
    {
        _imagesInResult++;
        content.NextText();
        _draft.Escaped($"[{kind} {_imagesInResult} of this tool result follows in the next user message]");
        var upstreamId = -1;
        if (_resultUpstreamId is not null)
        {
            (_upstreamIds ??= []).Add(_resultUpstreamId);
            upstreamId = _upstreamIds.Count - 1;
        }

        _waiting.Add(new WaitingMedia(block.Position, _resultId.Position, upstreamId, _result));
    }

    /// <summary>Why an image cannot be sent, as the placeholder's text; null if it can.</summary>
    private string? CannotSend(ContentBlock block)
    {
        var source = RequireSource(block);
        if (source.Type.Equals("file"u8))
            return OmittedFile(source);
        if (Dialect.Images == Images.None)
            return "[image omitted: the model has no image input]";
        if (source.Type.Equals("base64"u8))
        {
            InvalidRequest.RequireString(source.MediaType, source.View, "media_type");
            InvalidRequest.RequireString(source.Data, source.View, "data");
            return null;
        }

        if (!source.Type.Equals("url"u8))
            return "[image omitted: it has a kind of source that this gateway does not know]";
        InvalidRequest.RequireString(source.Url, source.View, "url");
        // A data URL in the wrong place still is what the backend wants.
        return Dialect.Images == Images.Url || source.Url.RawString.StartsWith("data:"u8)
            ? null
            : $"[image at {source.Url.GetString()} omitted: addresses are not fetched]";
    }

    private void AddOmitted(ContentBlock block, string placeholder)
    {
        content.NextText();
        _draft.Escaped(placeholder);
        translation.Dropped.AddFromHistory(block.Type == ContentBlockType.Image ? "image" : "document");
    }

    private void AddOmittedDocument(ContentBlock block, ContentSource source)
    {
        var title = block.Title.IsString ? $" \"{block.Title.GetString()}\"" : "";
        AddOmitted(block, source.Type.Equals("file"u8) ? OmittedFile(source) : $"[document{title} omitted: the model has no document input]");
    }

    private string OmittedFile(ContentSource source)
    {
        var id = InvalidRequest.RequireString(source.FileId, source.View, "file_id");
        if (Dialect.Strict)
            throw InvalidRequest.At(source.FileId, "files are not available through this gateway");
        return $"[file {id.GetString()} is not available through this gateway]";
    }

    private void AddImagePart(ContentSource source)
    {
        _draft.StartPart(DraftPartKind.Image);
        if (source.Type.Equals("url"u8))
        {
            _draft.Text(source.Url);
            _draft.Weigh(UnknownImageTokens);
            return;
        }

        _draft.Own("data:"u8);
        _draft.Text(source.MediaType);
        _draft.Own(";base64,"u8);
        _draft.Text(source.Data);
        _draft.Weigh(ImageSize.TryRead(source.Data.RawString, out var width, out var height)
            ? (int)Math.Clamp((long)width * height / 750, 1, UnknownImageTokens)
            : UnknownImageTokens);
    }

    private void AddPdfPart(ContentBlock block)
    {
        var source = block.Source;
        var isUrl = source.Type.Equals("url"u8);
        _draft.StartPart(Dialect.Pdf == PdfDocuments.File ? DraftPartKind.File : DraftPartKind.DocumentUrl);
        if (Dialect.Pdf == PdfDocuments.File)
        {
            // One segment: the writer takes the first for the name.
            var title = block.Title.GetString();
            _draft.Escaped(string.IsNullOrEmpty(title) ? "document.pdf"
                : title.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) ? title
                : $"{title}.pdf");
        }

        if (isUrl)
        {
            _draft.Text(source.Url);
        }
        else
        {
            _draft.Own("data:application/pdf;base64,"u8);
            _draft.Text(source.Data);
        }

        _draft.Weigh(Math.Clamp(source.Data.RawString.Length / Base64BytesPerFileToken, UnknownImageTokens, MostFileTokens));
    }

    private void AddContentDocument(ContentBlock block, ContentSource source)
    {
        StartDocument(block);
        if (source.Content.IsString)
        {
            _draft.Text(source.Content);
        }
        else
        {
            var isFirst = true;
            foreach (var view in source.Content.Items)
            {
                var inner = new ContentBlock(view);
                if (inner.Type == ContentBlockType.Text)
                {
                    if (!isFirst)
                        _draft.Own("\\n"u8);
                    _draft.Text(InvalidRequest.RequireString(inner.Text, view, "text"));
                }
                else if (inner.Type == ContentBlockType.Image && _draft.LastRole == ChatRole.User && CannotSend(inner) is null)
                {
                    AddImagePart(inner.Source);
                    _draft.StartPart(DraftPartKind.Text);
                    isFirst = true;
                    continue;
                }
                else
                {
                    _draft.Own("\\n[image omitted]"u8);
                    translation.Dropped.AddFromHistory("image");
                }

                isFirst = false;
            }
        }

        _draft.Own("</document>"u8);
    }

    private void StartDocument(ContentBlock block)
    {
        content.NextText();
        _draft.Own("<document"u8);
        if (block.Title.IsString)
        {
            _draft.Own(" title=\\\""u8);
            _draft.Text(block.Title);
            _draft.Own("\\\""u8);
        }

        if (block.View["context"u8] is { IsString: true } context)
        {
            _draft.Own(" context=\\\""u8);
            _draft.Text(context);
            _draft.Own("\\\""u8);
        }

        _draft.Own(">"u8);
    }

    private string? TextOfPdf(ContentSource source) =>
        source.Type.Equals("base64"u8) && IsPdf(source) ? translation.Target.ExtractPdfText?.Invoke(source.Data.RawString) : null;

    private bool CanSendPdf(ContentSource source) =>
        source.Type.Equals("base64"u8) ? source.Data.IsString : Dialect.Pdf == PdfDocuments.DocumentUrl && source.Url.IsString;

    private static bool IsPdf(ContentSource source) =>
        source.Type.Equals("url"u8) || (source.Type.Equals("base64"u8) && source.MediaType.Equals("application/pdf"u8));

    private static ContentSource RequireSource(ContentBlock block)
    {
        InvalidRequest.RequireObject(block.Source.View, block.View, "source");
        InvalidRequest.RequireString(block.Source.Type, block.Source.View, "type");
        return block.Source;
    }

    private readonly record struct WaitingMedia(int Block, int Id, int UpstreamId, int Result);
}
