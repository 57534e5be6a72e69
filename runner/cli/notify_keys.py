"""The keys of ``notify`` in ``pmx.yaml``, by kind of channel, and the reading of its list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from runner.address import url_problem
from runner.diagnostic import nearest
from runner.playbook.nodes import ListNode, MapNode
from runner.settings.channels import EVENTS, SECRETS, Channel
from runner.value import NAME, Kind, WrongValue, count, list_of, shown

if TYPE_CHECKING:
    from runner.playbook.complaints import Complaints
    from runner.playbook.nodes import Node

_VARIABLE = "^[A-Za-z_][A-Za-z0-9_]*$"
_ADDRESS = "^[!-~]+@[!-~]+$"
_HOST = "^[A-Za-z0-9.:_-]+$"


def matching(pattern: str, wanted: str) -> Kind:
    """A text by a pattern; ``wanted`` is what it is in words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
            raise WrongValue(f"{wanted} is wanted, not {shown(value)}")
        return value

    return Kind({"type": "string", "pattern": pattern}, read)


def one_of(*words: str) -> Kind:
    """One of a few words."""

    def read(value: object) -> str:
        if value not in words:
            raise WrongValue(f"one of {', '.join(words)} is wanted, not {shown(value)}")
        return str(value)

    return Kind({"enum": list(words)}, read)


def _some(kind: Kind) -> Kind:
    whole = list_of(kind)

    def read(value: object) -> tuple[Any, ...]:
        found = tuple(whole.read(value))
        if not found:
            raise WrongValue("a list of at least one is wanted")
        return found

    return Kind({**whole.schema, "minItems": 1}, read)


def _url(value: object) -> str:
    text = str(NAME.read(value))
    wrong = url_problem(text, query=True)
    if wrong:
        raise WrongValue(f"a URL {wrong}")
    return text


_ENV = matching(_VARIABLE, "the name of an environment variable")
_MAIL = matching(_ADDRESS, "an address such as desk@example.com")
_URLS = {"url_env": _ENV, "url_file": NAME}
_ON = {"on": _some(one_of(*EVENTS))}
CHANNELS: Mapping[str, Mapping[str, Kind]] = {
    "webhook": {**_ON, "url": Kind(NAME.schema, _url), **_URLS, "secret_env": _ENV, "secret_file": NAME},
    "slack": {**_ON, **_URLS},
    "email": {
        **_ON,
        "host": matching(_HOST, "a host such as smtp.example.com"),
        "port": count(at_most=65_535),
        "tls": one_of("starttls", "tls", "none"),
        "from": _MAIL,
        "to": _some(_MAIL),
        "user": NAME,
        "user_env": _ENV,
        "user_file": NAME,
        "password_env": _ENV,
        "password_file": NAME,
    },
    "command": {**_ON, "argv": _some(NAME)},
    "heartbeat": {**_URLS},
}
"""Each kind of channel with its keys besides ``channel``."""

NEEDED: Mapping[str, tuple[str, ...]] = {"email": ("host", "from", "to"), "command": ("argv",)}


def channels(node: Node, complaints: Complaints) -> tuple[Channel, ...]:
    """The list of channels; what is wrong in it is complained about."""
    if not isinstance(node, ListNode):
        complaints.add(node.span, "`notify` must be a list of channels", "not a list")
        return ()
    return tuple(channel for item in node.items for channel in _channel(item, complaints))


def _channel(node: Node, complaints: Complaints) -> Iterator[Channel]:
    """The channel, or none if something is wrong with it."""
    named = node.get("channel") if isinstance(node, MapNode) else None
    if not isinstance(node, MapNode) or named is None:
        help = f"such as `channel: slack`; there is: {', '.join(CHANNELS)}"
        complaints.add(node.span, "an entry of `notify` names its `channel`", "none is named", help)
        return
    kind = named.plain()
    if kind not in CHANNELS:
        help = nearest(str(kind), CHANNELS) or f"there is: {', '.join(CHANNELS)}"
        complaints.add(named.span, f"unknown channel {shown(kind)}", "", help)
        return
    given = _given(node, kind, complaints)
    wrong = _wrong(kind, given)
    if wrong:
        complaints.add(node.first, wrong, "here")
    elif len(given) == len(node.entries) - 1:
        yield Channel(kind, **{"sender" if key == "from" else key: value for key, value in given.items()})


def _given(node: MapNode, kind: str, complaints: Complaints) -> dict[str, Any]:
    """Each key with its value, those left out that are wrong."""
    found: dict[str, Any] = {}
    for entry in node.entries:
        reading = CHANNELS[kind].get(entry.key)
        if entry.key == "channel":
            continue
        if reading is None:
            names = ("channel", *CHANNELS[kind])
            help = nearest(entry.key, names) or f"its keys are {', '.join(names)}"
            complaints.add(entry.key_span, f"unknown key `{entry.key}`", f"not a key of channel {kind}", help)
            continue
        try:
            found[entry.key] = reading.read(entry.node.plain())
        except WrongValue as wrong:
            complaints.add(entry.node.span, f"wrong value of `{entry.key}`", str(wrong))
    return found


def _wrong(kind: str, given: Mapping[str, Any]) -> str:
    """What is wrong with the keys of a channel together; empty if nothing is."""
    for name in SECRETS:
        ways = [key for key in (name, f"{name}_env", f"{name}_file") if key in given]
        if len(ways) > 1:
            return f"channel {kind} has both `{ways[0]}` and `{ways[1]}`"
    if "url_env" in CHANNELS[kind] and not {"url", "url_env", "url_file"} & given.keys():
        return f"channel {kind} has no `url_env` or `url_file`"
    missing = [key for key in NEEDED.get(kind, ()) if key not in given]
    if missing:
        return f"channel {kind} has no `{missing[0]}`"
    if given.get("tls") == "none" and given["host"] not in {"localhost", "127.0.0.1", "::1"}:
        return "`tls: none` is accepted for this machine's own mail server only"
    return ""
