"""Whether a secret can be found in what was written somewhere: the search that proves that nothing leaks.

It shares nothing with the redactor: that one undoes escapes in a text, this one makes every form that a secret may have
and looks for it byte by byte.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from urllib.parse import quote, quote_plus

_FEWEST = 6
_FRAGMENT = 24
_LINE_BREAKS = re.compile(rb"(?:\s|\\r|\\n)+")

Encode = Callable[[str], str]


def leaks(marker: str, data: bytes) -> list[str]:
    """The names of the forms in which ``marker`` stands in ``data``; fragments of a long one count, too."""
    flat = _LINE_BREAKS.sub(b"", data)
    return sorted({name for form, name in _forms(marker).items() if form in (flat if "base64" in name else data)})


@cache
def _forms(marker: str) -> dict[bytes, str]:
    """Every form by its bytes: plain or coded, then escaped never, once or twice."""
    found: dict[bytes, str] = {}
    for name, coded in _codes(marker):
        for escapes, text in _escaped(name, coded):
            found.setdefault(text.encode(errors="surrogatepass"), escapes)
    return {form: name for form, name in found.items() if len(form) >= _FEWEST}


def _codes(marker: str) -> Iterator[tuple[str, str]]:
    raw = marker.encode()
    yield "plain", marker
    for at in range(0, len(marker) - 2 * _FRAGMENT, _FRAGMENT // 3):
        yield "fragment", marker[at : at + _FRAGMENT]
    yield "hex", raw.hex()
    yield "HEX", raw.hex().upper()
    for before in range(3):
        for altchars, name in ((b"+/", "base64"), (b"-_", "base64 for URLs")):
            coded = base64.b64encode(b"\0" * before + raw + b"\0" * (-(before + len(raw)) % 3), altchars).decode()
            whole = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
            yield name, whole


def _escaped(name: str, text: str) -> Iterator[tuple[str, str]]:
    yield name, text
    for first, encode in _ESCAPES.items():
        once = encode(text)
        yield f"{name}, {first}", once
        for second, again in _ESCAPES.items():
            yield f"{name}, {first}, {second}", again(once)


def _low(text: str) -> str:
    return re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text)


def _spelt_out(text: str) -> str:
    """Nothing but ``\\u`` escapes, with capitals."""
    units = text.encode("utf-16-be", "surrogatepass").hex().upper()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


_ESCAPES: dict[str, Encode] = {
    "in a path": quote,
    "in a query": lambda text: quote(text, safe=""),
    "in a query, small hex": lambda text: _low(quote(text, safe="")),
    "in a form": quote_plus,
    "in a form, small hex": lambda text: _low(quote_plus(text)),
    "every byte in a URL": lambda text: "".join(f"%{each:02X}" for each in text.encode(errors="surrogatepass")),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON, not ASCII": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "in JSON, slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "in JSON, spelt out": _spelt_out,
    "in Python": lambda text: repr(text)[1:-1],
    "in ASCII Python": lambda text: ascii(text)[1:-1],
    "in bytes of Python": lambda text: repr(text.encode(errors="surrogatepass"))[2:-1],
    "in a page": html.escape,
}
