"""Do addresses, client id and key belong to one environment? As far as built-in addresses and ``pmx.yaml`` tell.

Environments of the venue share nothing, neither keys nor client ids nor addresses: docs.polymarket.us,
trader-guide/authentication-troubleshooting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from runner.address import host_of
from runner.cli.credentials import key_source
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.settings import ConfigFile, Options, Setting, Settings, gather
from runner.settings.layers import BUILT_IN_ENVIRONMENTS
from runner.venue.keys import fingerprint, load_key
from runner.venue.pins import hex_pairs

_OF_ONE = "addresses, client id and key belong to one environment; each has its own"


def other_environments(file: ConfigFile | None, own: str) -> tuple[Settings, ...]:
    """The other environments of a ``pmx.yaml``, by what is written there alone."""
    names = [name for name in (file.environments if file else ()) if name != own]
    return tuple(gather(file, {}, Options(environment=name))[0] for name in names)


def check_addresses(settings: Settings) -> None:
    """Raise ``WrongInput`` if one address is known to be of another environment than another."""
    known = {host_of(str(url)): name for name, urls in BUILT_IN_ENVIRONMENTS.items() for url in urls.values()}
    told = {"base_url": settings.base_url, "auth_url": settings.auth_url, "audience": settings.audience}
    found = {key: known.get(host_of(each.value), "") for key, each in told.items() if each is not None}
    if len(set(filter(None, found.values()))) > 1:
        whose = ", ".join(f"{key} is of `{name}`" for key, name in found.items() if name)
        raise WrongInput([Diagnostic(f"the addresses are of several environments: {whose}", help=_OF_ONE)])


def check_own(settings: Settings, others: Sequence[Settings]) -> None:
    """Raise ``WrongInput`` if client id or key are those of another environment of ``pmx.yaml``."""
    for other in others:
        if _elsewhere(settings, other):
            found = [*_same_client(settings, other), *_same_key(settings, other)]
            if found:
                raise WrongInput(found)


def _elsewhere(settings: Settings, other: Settings) -> bool:
    """Whether it is another exchange; two names of one may well share a key."""
    own, theirs = settings.base_url, other.base_url
    return own is not None and theirs is not None and host_of(own.value) != host_of(theirs.value)


def _same_client(settings: Settings, other: Settings) -> Iterator[Diagnostic]:
    own, theirs = settings.client_id, other.client_id
    if own is not None and theirs is not None and own.value == theirs.value:
        yield _said(f"the client id {own.value}", other, theirs)


def _same_key(settings: Settings, other: Settings) -> Iterator[Diagnostic]:
    own = fingerprint(load_key(key_source(settings)).public_key())
    pinned = other.pins.key_fingerprints
    if pinned is not None and hex_pairs(own) in map(hex_pairs, pinned.value):
        yield _said(f"the private key {own}", other, pinned)
    elif other.private_key is not None and _fingerprint(other) == own:
        yield _said(f"the private key {own}", other, other.private_key)


def _fingerprint(other: Settings) -> str:
    """That of another environment's key, empty if it can't be used: it is not the one to be examined."""
    try:
        return fingerprint(load_key(key_source(other)).public_key())
    except WrongInput:
        return ""


def _said(what: str, other: Settings, setting: Setting[object]) -> Diagnostic:
    name = other.environment.value
    return Diagnostic(f"{what} is that of environment `{name}` ({setting.origin})", help=_OF_ONE)
