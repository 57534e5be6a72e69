"""Following the venue's pages. Tokens are opaque, and everything else of the request stays the same between pages.

Source: docs.polymarket.us, institutional/refdata/overview (``eof`` or an empty token ends a listing; the order search
has no ``eof``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from runner.venue.asks import Listing
from runner.venue.wire import Fields, broken

if TYPE_CHECKING:
    from runner.venue.desk import Desk

_MOST_PAGES = 1000


def all_pages(desk: Desk, listing: Listing, names: tuple[str, ...]) -> dict[str, Any]:
    """The last page read, its lists continued from all pages before it.

    ``names`` are those that the list of items may have; reading ends once it holds the listing's limit. ``Unreachable``
    if a page token comes twice or the listing has no end.
    """
    paging = listing.operation.paging
    assert paging is not None  # noqa: S101 - only a listing is read by pages
    whole: dict[str, Any] = {}
    token, seen = "", {""}
    for _ in range(_MOST_PAGES):
        page = desk.send(listing.page(token)).body
        got = Fields(page)
        whole = _joined(whole, page)
        token = "" if paging.eof and got.flag("eof") else got.text("nextPageToken", "")
        if not token or len(Fields(whole).items(*names)) >= listing.limit:
            return whole
        if token in seen:
            broken(f"`nextPageToken` {token!r} came twice")
        seen.add(token)
    return broken(f"the listing goes on after {_MOST_PAGES} pages")


def _joined(before: Mapping[str, Any], page: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: before[name] + value if isinstance(value, list) and isinstance(before.get(name), list) else value
        for name, value in page.items()
    }
