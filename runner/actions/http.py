"""Any call that reads, to the venue or to a host that the playbook allows.

On the venue's host only what its table marks as a read, and cancels, may be sent: anything else would pass by the
records and limits that orders go through. The sandbox exchange has switches of its own besides, below ``/sandbox/``;
they are sent to this machine alone, where it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from runner.action import Action, Arguments, Complaint, Context, Observation
from runner.actions.shapes import WHOLE, record
from runner.address import host_of, url_problem
from runner.errors import GuardRefused, StepErrored
from runner.foreseen import Foreseen, Outlook
from runner.later import Later
from runner.redact import Secret
from runner.value import ANY, MAPPING, NAME, Argument, choice, shown
from runner.venue.asks import FreeAsk
from runner.venue.operations import find, is_switch
from runner.venue.paths import check_path, origin

_READING = frozenset({"GET", "HEAD"})
_METHOD = choice("", "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")


def review(known: Mapping[str, object]) -> Complaint | None:
    """What can be told of a call before a run: a path that must not be sent, or one that the venue's table forbids."""
    if ("path" in known) and ("url" in known):
        return Complaint("url", "a call goes to a `path` of the venue or to a `url`", "give exactly one of the two")
    path, method = known.get("path"), known.get("method")
    if not isinstance(path, str):
        return None
    problem = check_path(path)
    if problem:
        return Complaint(
            "path", f"`path` {problem}", "a path begins with exactly one `/` and goes straight down: /v1/health"
        )
    if not isinstance(method, str) or is_switch(method, path):
        return None
    operation = find(method, path)
    if operation is not None and operation.effect != "changes":
        return None
    if operation is None:
        return Complaint(
            "path", f"the venue has no call {method} {path}", "see the venue's documentation for its paths"
        )
    return Complaint(
        "path",
        f"`http` sends only what reads, and cancels: {method} {path} changes something",
        "orders go through `place_order`, which records and limits them",
    )


def _perform(arguments: Arguments, context: Context) -> Observation:
    path, url = arguments["path"], arguments["url"]
    if (path is None) == (url is None):
        raise StepErrored("a call goes to a `path` of the venue or to a `url`", help="give exactly one of the two")
    complaint = review({name: value for name, value in arguments.items() if value is not None})
    if complaint is not None:
        raise GuardRefused(complaint.message, help=complaint.help)
    if url is not None:
        _check_host(url, context)
    if _changes(arguments):
        result = context.step("send", lambda: _call(arguments, context), _never_again)
    else:
        result = _call(arguments, context)
    return Observation(result, str(result["status"]))


def _changes(arguments: Arguments) -> bool:
    """Whether the call may change something: elsewhere, or at the sandbox exchange by a switch of its own."""
    method, path = arguments["method"], arguments["path"]
    return method not in _READING if path is None else is_switch(method, path)


def _call(arguments: Arguments, context: Context) -> dict[str, Any]:
    answer = context.desk.raw(_asked(arguments), expect_any_status=context.expects_status)
    return {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}


def _asked(arguments: Arguments) -> FreeAsk:
    return FreeAsk(
        arguments["method"],
        arguments["path"] or arguments["url"],
        query={name: _query(name, value) for name, value in (arguments["query"] or {}).items()},
        headers={name: _header(name, value) for name, value in (arguments["headers"] or {}).items()},
        body=arguments["body"],
    )


def _foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield Foreseen(_asked(arguments))


def _never_again() -> dict[str, Any]:
    raise StepErrored(
        "the call was under way when its process died, and whether it arrived is not known",
        help="it is not made again; look at the other side what became of it",
    )


def _check_host(url: str, context: Context) -> None:
    """A URL never reaches the venue's own host, allowed or not: there, what is sent is judged by its path."""
    problem = url_problem(url)
    if problem:
        raise GuardRefused(f"`url` {problem}", help="nothing was sent")
    if host_of(url) == host_of(context.desk.base_url):
        raise GuardRefused(f"`{host_of(url)}` is the venue's own host", help="give a `path` instead of a `url`")
    if not any(_same_host(url, each) for each in context.allow_hosts):
        raise GuardRefused(
            f"`{host_of(url)}` is not in `allow_hosts`",
            help="name it in the playbook (allow_hosts: [hooks.example.com]); a call to the venue has a `path`",
        )


def _same_host(url: str, allowed: str) -> bool:
    """Whether an entry of ``allow_hosts`` means the host of ``url``; one with a port means that port alone."""
    entry = f"https://{allowed}"
    if url_problem(entry) or host_of(entry) != host_of(url):
        return False
    return allowed.rpartition("]")[2].count(":") == 0 or origin(entry)[2] == origin(url)[2]


def _query(name: str, value: object) -> Any:
    if value is None or isinstance(value, list):
        return value and [_text(f"`query` {name}", each) for each in value]
    return _text(f"`query` {name}", value)


def _header(name: str, value: object) -> Any:
    return value if isinstance(value, Secret) else _text(f"`headers` {name}", value)


def _text(what: str, value: object) -> Any:
    """A value as a URL or a header carries it; a secret belongs into neither's text."""
    match value:
        case str() | Later():
            return value
        case bool():
            return str(value).lower()
        case int() | Decimal():
            return f"{value:f}" if isinstance(value, Decimal) else str(value)
        case datetime():
            return value.isoformat()
    raise StepErrored(f"{what} is a text or a number, not {shown(value)}", help="nothing was sent")


HTTP = Action(
    name="http",
    summary="Make a call",
    effect="reads",
    arguments={
        "method": Argument(_METHOD, "GET, POST, …", required=True),
        "path": Argument(NAME, "A path of the venue, beginning with one `/`"),
        "url": Argument(NAME, "A whole URL of a host in `allow_hosts`"),
        "query": Argument(MAPPING, "Query parameters; a list repeats its name"),
        "headers": Argument(MAPPING, "Further headers"),
        "body": Argument(ANY, "Sent as JSON"),
    },
    result=record(status=WHOLE, headers={"type": "object"}, body={}),
    perform=_perform,
    foresee=_foreseen,
    review=review,
    tried_again=False,
    example='action: http\nwith: {method: GET, path: /v1/health}\nexpect:\n  - result.body.status == "ok"',
    source="docs.polymarket.us: institutional/introduction",
)
