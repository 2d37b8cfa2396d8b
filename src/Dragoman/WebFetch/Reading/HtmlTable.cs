using AngleSharp.Dom;

namespace Dragoman.WebFetch.Reading;

/// <summary>Rows and cells of a table.</summary>
internal sealed class HtmlTable
{
    private const int MostColumns = 50;

    private readonly List<List<IElement>> _rows = [];

    public HtmlTable(IElement table)
    {
        Gather(table);
        IsLayout = _rows.Count < 2 || _rows.Max(row => row.Count) < 2 || table.GetAttribute("role") is "presentation" or "none" || table.QuerySelector("table, pre, ul, ol, blockquote, h1, h2, h3") is not null;
    }

    /// <summary>In order; hidden ones are left out.</summary>
    public IReadOnlyList<IReadOnlyList<IElement>> Rows => _rows;

    /// <summary>It arranges the page, or holds what no cell of a Markdown table can.</summary>
    public bool IsLayout { get; }

    /// <summary>The lines of the table; its first row is the header, as Markdown has no table without one.</summary>
    /// <param name="text">A cell's content in one line.</param>
    public IEnumerable<string> ToMarkdown(Func<IElement, string> text)
    {
        var columns = 0;
        foreach (var row in _rows)
        {
            var cells = Cells(row, text);
            if (columns == 0)
            {
                columns = Math.Max(cells.Count, Math.Min(MostColumns, _rows.Max(Width)));
                yield return Row(cells, columns);
                yield return "|" + string.Concat(Enumerable.Repeat(" --- |", columns));
            }
            else
            {
                yield return Row(cells, columns);
            }
        }
    }

    private static string Row(List<string> cells, int columns) =>
        "| " + string.Join(" | ", cells.Concat(Enumerable.Repeat("", Math.Max(0, columns - cells.Count)))) + " |";

    private static List<string> Cells(List<IElement> row, Func<IElement, string> text)
    {
        var cells = new List<string>();
        foreach (var cell in row)
        {
            cells.Add(text(cell).Replace("|", "\\|", StringComparison.Ordinal));
            for (var i = 1; i < Span(cell); i++) cells.Add("");
            if (cells.Count >= MostColumns) break;
        }

        return cells;
    }

    private static int Width(List<IElement> row) => row.Sum(Span);

    private static int Span(IElement cell) => int.TryParse(cell.GetAttribute("colspan"), out var span) ? Math.Clamp(span, 1, MostColumns) : 1;

    private void Gather(IElement parent)
    {
        for (var i = 0; i < parent.ChildNodes.Length; i++)
        {
            if (parent.ChildNodes[i] is not IElement child || VisibleText.IsSkipped(child)) continue;
            if (child.LocalName is "thead" or "tbody" or "tfoot") Gather(child);
            else if (child.LocalName == "tr") _rows.Add([.. child.Children.Where(cell => cell.LocalName is "td" or "th" && !VisibleText.IsSkipped(cell))]);
        }
    }
}
