"""Putting addresses together so that a token can't be lured to another host, and a path can't leave its place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from runner.errors import GuardRefused
from runner.later import Later

Query: TypeAlias = Mapping[str, str | int | bool | Later | Sequence[str | Later] | None]

_OURS = frozenset({"authorization", "host", "cookie", "content-length", "transfer-encoding", "x-participant-id"})
# Headers by which some gateways take a request for another one: another method or path, or fewer headers than it has.
_DISGUISES = frozenset({"connection", "x-http-method", "x-http-method-override", "x-method-override"}) | {
    "x-original-url",
    "x-rewrite-url",
}
_METADATA = "grpc-metadata-"
_NOT_IN_PATHS = ("..", "//", "%2e", "%2f", "%5c", "%25", "%0", "%1", "%7f", "\\")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_path(path: str) -> str:
    """What keeps ``path`` from being sent as it is, in a few words; empty if nothing does."""
    low = path.lower()
    if not path.startswith("/") or path.startswith("//"):
        return "must begin with exactly one `/`"
    for bad in _NOT_IN_PATHS:
        if bad in low:
            return f"must not contain `{bad}`"
    if "." in path.split("/"):
        return "must not contain `/./`"
    if "?" in path or "#" in path:
        return "must not contain `?` or `#`: use `query`"
    if not path.isascii() or any(each <= " " or each == "\x7f" for each in path):
        return "must be printable ASCII without spaces"
    return ""


def check_header(name: str, value: str = "") -> str:
    """What keeps a header from being set by a playbook, in a few words; empty if nothing does."""
    # Some servers read `_` as `-`, and the venue's gateway what follows `Grpc-Metadata-` as a header of its own.
    plain = name.lower().replace("_", "-").removeprefix(_METADATA)
    if plain in _OURS:
        return f"the header `{name}` is set by the runner alone"
    if plain in _DISGUISES:
        return f"the header `{name}` would make another request of it"
    if not _HEADER_NAME.fullmatch(name):
        return f"`{name}` is not a header name"
    if not value.isascii() or any(each < " " or each == "\x7f" for each in value):
        return f"the header `{name}` must be printable ASCII"
    return ""


def filled(path: str, values: Mapping[str, str | Later]) -> str:
    """An operation's path with its ``{parts}`` filled in, each quoted whole, the mark of one to come as it is."""
    for name, value in values.items():
        if value in {"", ".", ".."}:
            raise GuardRefused(f"`{value}` can't stand in the path {path}", help=f"give a {name}")
        path = path.replace(f"{{{name}}}", _quoted(value))
    return path


def joined(base_url: str, path: str) -> str:
    """``base_url`` and ``path`` as one text; ``GuardRefused`` if that would reach another place."""
    url = base_url.rstrip("/") + path
    problem = check_path(path)
    if problem or origin(url) != origin(base_url):
        raise GuardRefused(f"the path {path!r} {problem or 'would reach another host'}; nothing was sent")
    return url


def with_query(url: str, query: Query | None) -> str:
    """``url`` with a query; None values are left out, lists are repeated, booleans are ``true`` or ``false``.

    ``GuardRefused`` for a line break or another control character, quoted or not.
    """
    pairs = [(name, _word(item)) for name, value in (query or {}).items() for item in _items(value)]
    if any(each < " " or each == "\x7f" for pair in pairs for text in pair for each in str(text)):
        raise GuardRefused("a query must not hold control characters; nothing was sent")
    written = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in pairs)
    return f"{url}?{written}" if pairs else url


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of ``url``; two addresses of the same origin may see the same token."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise GuardRefused(f"{url!r} is not an address; nothing was sent") from None
    return parts.scheme, parts.hostname or "", port or {"http": 80, "https": 443}.get(parts.scheme)


def _items(value: str | int | bool | Later | Sequence[str | Later] | None) -> Sequence[str | int | bool | Later]:
    match value:
        case None:
            return ()
        case str() | int() | Later():
            return (value,)
    return value


def _word(value: str | int | bool | Later) -> str | Later:
    if isinstance(value, Later):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(value: str | Later) -> str:
    return str(value) if isinstance(value, Later) else quote(value, safe="")
