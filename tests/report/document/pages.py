"""A report's page, taken apart: its tables with the headings above them, its texts and what it would load."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "link", "br"}


@dataclass
class ParsedTable:
    """A table of a page."""

    heading: str
    caption: str = ""
    rows: list[list[str]] = field(default_factory=list)
    """The heads first."""

    def records(self) -> list[dict[str, str]]:
        """The rows by their heads."""
        return [dict(zip(self.rows[0], row, strict=True)) for row in self.rows[1:]]


class Page(HTMLParser):
    """Reads a page; every tag has to close in order."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.tables: list[ParsedTable] = []
        self.headings: list[str] = []
        self.codes: list[str] = []
        self.notes: list[str] = []
        self.paragraphs: list[str] = []
        self.facts: dict[str, str] = {}
        self.tags: list[str] = []
        self.references: list[str] = []
        """Everything in an attribute that could be loaded or followed."""
        self.svg_texts: list[str] = []
        self._stack: list[str] = []
        self._text = ""
        self._term = ""
        self.feed(text)
        assert self._stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        self.tags.append(tag)
        self.references += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href", "srcset")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in _VOID:
            self._stack.append(tag)
        if tag == "table":
            self.tables.append(ParsedTable(heading=self.headings[-1]))
        elif tag == "tr":
            self.tables[-1].rows.append([])
        self._text = "" if tag not in ("b",) else self._text

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Elements of a drawing."""
        self.tags.append(tag)
        self.references += [value or "" for name, value in attrs if name in ("href", "src", "xlink:href")]

    def handle_data(self, data: str) -> None:
        """Text."""
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        """A tag ends, and what was in it is put where it belongs."""
        assert self._stack.pop() == tag
        text = self._text
        if tag in ("td", "th"):
            self.tables[-1].rows[-1].append(text)
        elif tag == "caption":
            self.tables[-1].caption = text
        elif tag in ("h1", "h2", "h3"):
            self.headings.append(text)
        elif tag == "dt":
            self._term = text
        elif tag == "dd":
            self.facts[self._term] = text
        else:
            places = {"code": self.codes, "li": self.notes, "p": self.paragraphs, "text": self.svg_texts}
            if tag in places:
                places[tag].append(text)

    def table(self, heading: str, caption: str = "") -> ParsedTable:
        """The one table below a heading with this caption."""
        (found,) = (one for one in self.tables if (one.heading, one.caption) == (heading, caption))
        return found
