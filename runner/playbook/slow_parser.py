"""PyYAML's parser in Python, for machines where its fast one was not built."""

from __future__ import annotations

from typing import Any

from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError


class SlowParser(Reader, Scanner, Parser):
    """Gives the same events as the fast parser."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Any) -> list[str]:
        """Refuse what the fast parser refuses: an escape that is no character."""
        try:
            chunks: list[str] = super().scan_flow_scalar_non_spaces(double, start_mark)
            "".join(chunks).encode()
        except ValueError:
            message = "found invalid Unicode character escape code"
            raise ScannerError("while parsing a quoted scalar", start_mark, message, self.get_mark()) from None
        return chunks
