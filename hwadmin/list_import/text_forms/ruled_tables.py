"""Tables drawn with signs, as terminals, wikis, Markdown and LaTeX have them: each row a line with tabs.

Lines keep their places, so that rows are numbered as in the text; those around a table stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from hwadmin.list_import.lists import (
    HIDDEN_ROW_MARK,
    LINE_BREAK,
    MAX_COLUMNS,
    NOTE_MARK,
    SHEET_MARK,
)

_MARKS = (SHEET_MARK, HIDDEN_ROW_MARK, NOTE_MARK, "sep=")
_BARS = str.maketrans("\u2502\u2503\u2551\u2506\u250a\u254e", "||||||")
_RULE = re.compile(r"(?=.*(?:[-=_]{2}|[\u2500-\u257f]))(?=.*[|+\u2500-\u257f])[\s|+:*_=\u2500-\u257f-]+")
_ROW = re.compile(r"\s*[|^].*[|^]\s*")
_BAR, _BARS_AND_CARETS = re.compile(r"(?<!\\)\|"), re.compile(r"(?<!\\)[|^]")
_SIGN_OF_HEADING = re.compile(r"_\.\s*|=\s*(?=[^\"\s=])|\s*=$")
_SPAN = re.compile(r"""(col|row)span\s*=\s*["']?([0-9]{1,2})""", re.IGNORECASE)
_LINK = re.compile(r"\[\[(?:[^\]|]*\|)?([^\]|]*)\]\]")
_LATEX_ROW = re.compile(r".*(?<!\\)&.*\\\\(?:\[[^\]]*\])?.*")
_LATEX_RULE = re.compile(r"\\(?:hline|toprule|midrule|bottomrule|(?:cline|cmidrule)(?:\([^)]*\))?\{[^{}]*\})")
_LATEX_COMMAND = re.compile(r"\\[a-zA-Z]+\{([^{}]*)\}")
_LATEX_SIGN = re.compile(r"\\([&%$#_{}])")


def with_tabs_for_rules(lines: Sequence[str]) -> list[str] | None:
    """The lines, those of a drawn table with tabs between their cells; None where there is no such table."""
    if any(line.startswith(_MARKS) for line in lines):
        return None
    for way in (_media_wiki, _ascii_doc, _latex, _drawn):
        result = way(lines)
        if result is not None:
            return result
    return None


def _joined(cells: Sequence[str]) -> str:
    texts = [" ".join(cell.replace("\t", " ").split()) for cell in cells[:MAX_COLUMNS]]
    # What begins with a quotation mark would be read as quoted.
    return "\t".join('"' + text.replace('"', '""') + '"' if '"' in text else text for text in texts)


# ---- Drawn with bars


def _drawn(lines: Sequence[str]) -> list[str] | None:
    """Tables within bars: of databases, of Markdown, Org, reStructuredText, Jira, DokuWiki, Textile."""
    plain = [line.translate(_BARS) for line in lines]
    are_rules = [_RULE.fullmatch(line) is not None and line.strip() != "" for line in plain]
    rows = [
        number
        for number, line in enumerate(plain)
        if not are_rules[number] and len(line.strip()) > 2 and _ROW.fullmatch(line)
    ]
    if len(rows) < 2:
        return None
    is_caret = any(re.fullmatch(r"\s*\^.*\^\s*", plain[number]) for number in rows)
    result = ["" if rule else line for line, rule in zip(lines, are_rules, strict=True)]
    # Between two rules a row may go on over several lines, where there is a rule between all rows.
    wraps = _has_rule_for_each_row(rows, are_rules)
    begun: list[str] = []
    for place, number in enumerate(rows):
        cells = list(_cells_within_bars(plain[number].strip(), is_caret=is_caret))
        goes_on = wraps and place > 0 and rows[place - 1] == number - 1 and not all(cells)
        if goes_on and len(begun) == len(cells):
            begun = [LINE_BREAK.join(filter(None, pair)) for pair in zip(begun, cells, strict=True)]
            result[number] = ""
        else:
            begun, first = cells, number
        result[first] = _joined(begun)
    return result


def _has_rule_for_each_row(rows: Sequence[int], are_rules: Sequence[bool]) -> bool:
    groups = sum(are_rules[number - 1] for number in rows if number)
    return groups > 2 and groups * 2 > len(rows)


def _cells_within_bars(line: str, *, is_caret: bool) -> Iterator[str]:
    if line.startswith("||") and line.endswith("||") and len(line) > 4:
        cells = line[2:-2].split("||")
    else:
        cells = (_BARS_AND_CARETS if is_caret else _BAR).split(line[1:-1])
    heads = line.lstrip("|").startswith(("_.", "="))
    for cell in cells:
        text = cell.strip().replace("\\|", "|")
        yield _SIGN_OF_HEADING.sub("", text) if heads else text


# ---- Wikis and LaTeX


def _media_wiki(lines: Sequence[str]) -> list[str] | None:
    begins = next((number for number, line in enumerate(lines) if line.lstrip().startswith("{|")), None)
    if begins is None:
        return None
    result, table = list(lines), _WikiTable()
    for number in range(begins, len(lines)):
        line = lines[number].strip()
        if not table.is_open and not line.startswith("{|"):
            continue
        result[number] = line[2:].strip() if line.startswith("|+") else ""
        for first, cells in table.take(number, line):
            result[first] = _joined(cells)
    return result


class _WikiTable:
    """One table of MediaWiki while its lines are read; cells of rows above may reach down."""

    def __init__(self) -> None:
        self.is_open = False
        self._first = 0
        self._cells: list[tuple[str, int, int]] = []  # text, columns, rows
        self._reaching: dict[int, tuple[str, int]] = {}

    def take(self, number: int, line: str) -> Iterator[tuple[int, list[str]]]:
        """Take a line; the row that it ends, and the line that began it."""
        if line.startswith(("{|", "|-", "|}")):
            if self._cells:
                yield self._first, self._row()
            self._cells, self.is_open = [], not line.startswith("|}")
        elif line.startswith(("!", "|")) and not line.startswith("|+"):
            self._first = self._first if self._cells else number
            parts = re.split(r"!!|\|\|", line[1:]) if line[0] == "!" else line[1:].split("||")
            self._cells += map(_wiki_cell, parts)
        elif self._cells and line:
            text, columns, rows = self._cells[-1]
            self._cells[-1] = f"{text} {line}", columns, rows

    def _row(self) -> list[str]:
        row: list[str] = []
        for text, columns, rows in self._cells:
            self._take_reaching(row)
            if rows > 1:
                self._reaching[len(row)] = text, rows - 1
            row += [text, *[""] * (columns - 1)]
        self._take_reaching(row)
        return row

    def _take_reaching(self, row: list[str]) -> None:
        while len(row) in self._reaching:
            text, rows = self._reaching.pop(len(row))
            if rows > 1:
                self._reaching[len(row)] = text, rows - 1
            row.append(text)


def _wiki_cell(part: str) -> tuple[str, int, int]:
    """The text of a cell, and how many columns and rows it takes."""
    part = _LINK.sub(r"\1", part)
    attributes, bar, text = part.partition("|")
    if not bar or "=" not in attributes:
        attributes, text = "", part
    spans = {name.lower(): max(1, int(count)) for name, count in _SPAN.findall(attributes)}
    plain = re.sub(r"'{2,}|<[^<>]*>", " ", text).strip()
    return plain, spans.get("col", 1), spans.get("row", 1)


def _ascii_doc(lines: Sequence[str]) -> list[str] | None:
    """A table between ``|===``: as many cells a row as its first line has, however they are broken."""
    fences = [number for number, line in enumerate(lines) if re.fullmatch(r"\|={3,}", line.strip())]
    if len(fences) < 2:
        return None
    result = list(lines)
    for begin, end in zip(fences[::2], fences[1::2], strict=False):
        cells = [
            (number, cell.strip())
            for number in range(begin + 1, end)
            for cell in _BAR.split(lines[number].strip())[1:]
        ]
        width = sum(number == cells[0][0] for number, _cell in cells) if cells else 1
        result[begin : end + 1] = [""] * (end + 1 - begin)
        for start in range(0, len(cells), width):
            result[cells[start][0]] = _joined([cell for _number, cell in cells[start : start + width]])
    return result


def _latex(lines: Sequence[str]) -> list[str] | None:
    if sum(_LATEX_ROW.fullmatch(line) is not None for line in lines) < 2:
        return None
    result = []
    for line in lines:
        if _LATEX_ROW.fullmatch(line):
            row = _LATEX_RULE.sub("", line).partition("\\\\")[0]
            row = _LATEX_COMMAND.sub(r"\1", row).replace("~", " ")
            cells = [_LATEX_SIGN.sub(r"\1", cell) for cell in re.split(r"(?<!\\)&", row)]
            result.append(_joined(cells))
        else:
            is_command = re.fullmatch(r"(?:\\[a-zA-Z]+(?:\{[^{}]*\}|\[[^\]]*\])*\s*)*", line.strip())
            result.append("" if is_command else line)
    return result
