"""What stands in the lines of a terminal, put together from what is printed: the app sends only the cells that differ."""

import codecs
import re

from rich.cells import get_character_cell_size

_TOKEN = re.compile(r"\x1b\[([0-?]*)[ -/]*([@-~])|\x1b[\]P].*?(?:\x07|\x1b\\)|\x1b[=>78c]|[^\x1b]+", re.DOTALL)


class TerminalLines:
    """Follows moves of the cursor and text; colours and modes it passes over."""

    def __init__(self) -> None:
        """An empty screen."""
        self._lines: dict[int, dict[int, str]] = {}
        self._row = self._column = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""

    def feed(self, data: bytes) -> str:
        """Take what was printed; returns the whole text of each line that it has touched."""
        text, touched, end = self._rest + self._decoder.decode(data), set[int](), 0
        while found := _TOKEN.match(text, end):
            parameters, command = found[1], found[2]
            if command == "H":
                row, _, column = (parameters or "1;1").partition(";")
                self._row, self._column = int(row or 1) - 1, int(column or 1) - 1
            elif command == "J":
                self._lines.clear()
            elif not found[0].startswith("\x1b"):
                touched |= {self._row} if self._write(found[0]) else set()
            end = found.end()
        self._rest = text[end:]
        return "\n".join(self._text(row) for row in sorted(touched))

    def _write(self, text: str) -> bool:
        line = self._lines.setdefault(self._row, {})
        for character in text:
            for place in range(get_character_cell_size(character)):
                line[self._column] = "" if place else character
                self._column += 1
        return bool(text.strip("\r\n"))

    def _text(self, row: int) -> str:
        line = self._lines[row]
        return "".join(line.get(column, " ") for column in range(max(line, default=-1) + 1))
