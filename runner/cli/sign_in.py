"""What a refusal of our credentials means, and what to do about it, with the values that are concerned.

Source: docs.polymarket.us, trader-guide/authentication-troubleshooting. The words after the error's own word are not
documented: they choose what is shown to a person, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from runner.address import host_of
from runner.cli.credentials import key_source
from runner.errors import NotSignedIn, Refused
from runner.settings import Settings
from runner.venue.keys import fingerprint, load_key

_EXACTLY = "exactly as onboarding or the KYC approval gave it"
_PARTICIPANT = re.compile(r"firms/([^/]+)/users/([^/]+)")


def explained(error: NotSignedIn, settings: Settings) -> NotSignedIn:
    """The same refusal of the token endpoint, with a remedy that names our own values."""
    word = error.reason.partition(":")[0]
    for of_word, pattern, remedy in _REMEDIES:
        if word == of_word and re.search(pattern, error.reason.partition(":")[2], re.IGNORECASE):
            return _with_help(error, remedy(settings))
    return error


def explained_alone(error: Refused) -> Refused:
    """The same refusal (403) of a call that names nobody: it is not the participant's fault."""
    if error.status != 403 or "scope" in error.reason:
        return error
    help = (
        "the token is good, and its bearer may not come in: is the base URL of the same environment, and does the "
        "venue let calls from this machine's address in? ask its onboarding"
    )
    return _with_help(error, help)


def explained_for(error: Refused, participant: str, firm: str) -> Refused:
    """The same refusal (403) of a call for a participant; ``firm`` is that of the token, empty if it doesn't tell."""
    if error.status != 403 or "scope" in error.reason:
        return error
    parts = _PARTICIPANT.fullmatch(participant)
    if parts is None:
        return _with_help(error, f"`{participant}` is no participant: it reads firms/<FIRM>/users/<USER>")
    if not firm:
        return error
    if parts[1] != firm:
        help = f"{parts[1]} is another firm than that of this client id, {firm}: take a user of {firm}, {_EXACTLY}"
        return _with_help(error, help)
    help = f"the firm is right, so `{parts[2]}` is no user of it, or not yet: take one {_EXACTLY}"
    return _with_help(error, help)


def _with_help(error: Refused, help: str) -> NotSignedIn:
    return NotSignedIn(error.message, status=error.status, code=error.code, reason=error.reason, help=help)


def _unknown(settings: Settings) -> str:
    assert settings.client_id and settings.base_url  # noqa: S101, PT018 - something was signed with them
    public = load_key(key_source(settings)).public_key()
    return (
        f"the client id is not known there, or this key is not registered for it; the venue doesn't say which\n"
        f"compare with what onboarding gave you for environment `{settings.environment.value}`: "
        f"client id {settings.client_id.value}\n"
        f"then ask onboarding whether it has this key: {fingerprint(public)}"
    )


def _replayed(settings: Settings) -> str:
    return (
        "a fresh one is signed for each request, so something on the way sends requests twice: look for a proxy or a "
        f"gateway that repeats them, between this machine and {_auth_host(settings)}"
    )


def _misaddressed(settings: Settings) -> str:
    assert settings.auth_url  # noqa: S101 - it was called
    return (
        f"the assertion is addressed to auth_url, {settings.auth_url.value} ({settings.auth_url.origin}): it must be "
        "the token URL of this environment, letter by letter"
    )


def _out_of_time(settings: Settings) -> str:
    return (
        f"the clock of {_auth_host(settings)} is another than ours: set this machine's by NTP, such as: "
        "timedatectl set-ntp true"
    )


def _other_audience(settings: Settings) -> str:
    assert settings.audience and settings.base_url  # noqa: S101, PT018 - they were sent
    return (
        f"PMX_AUDIENCE is the API's base URL: {settings.audience.value} ({settings.audience.origin}) was asked for, "
        f"and the base URL is {settings.base_url.value}"
    )


def _auth_host(settings: Settings) -> str:
    return host_of(settings.auth_url.value) if settings.auth_url else "the venue"


_ASSERTION = "invalid_client_assertion"
_REMEDIES: tuple[tuple[str, str, Callable[[Settings], str]], ...] = (
    ("invalid_client", "", _unknown),
    (_ASSERTION, r"\bjti\b|replay|used before|already used", _replayed),
    (_ASSERTION, r"\baud\b|audience", _misaddressed),
    (_ASSERTION, r"expired|future|\biat\b|\bexp\b|not yet", _out_of_time),
    ("access_denied", "", _other_audience),
)
"""The error's word, what else it may say, and what to do then."""
