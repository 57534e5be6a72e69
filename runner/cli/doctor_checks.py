"""What the doctor looks at, from this machine outwards: a table written by hand."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TypeVar
from urllib.parse import urlsplit

from runner.cli import reach
from runner.cli.belonging import check_addresses, check_own
from runner.cli.credentials import credentials, key_source
from runner.cli.diagnosis import Check, Doubt
from runner.cli.pinning import check_own_pins
from runner.cli.sign_in import explained, explained_alone, explained_for
from runner.cli.tunnel import LET_THROUGH
from runner.cli.volumes import mount_of, mounts, passing
from runner.clock import Deadline, SystemClock
from runner.diagnostic import Diagnostic
from runner.errors import NotSignedIn, Refused, StepErrored, Unreachable, VenueError, WrongInput
from runner.notify.credentials import Undelivered, value_of
from runner.redact import Redactor
from runner.settings import PinSettings, Settings, state_folder, state_path
from runner.settings.channels import SECRETS
from runner.value import counted
from runner.venue import endpoints
from runner.venue.auth import TokenInfo
from runner.venue.call import Call
from runner.venue.desk import Desk, Venue
from runner.venue.keys import KeyFile, KeySource, fingerprint, load_key
from runner.venue.pins import Pins
from runner.venue.transport import Transport

T = TypeVar("T")
_ANOTHER_FOLDER = "name one that stays: --state-dir DIR or PMX_STATE_DIR (in a container, a volume)"
_NO_PARTICIPANT = (
    "set PMX_PARTICIPANT_ID, --participant or `participant_id` in pmx.yaml, exactly as onboarding or the KYC approval "
    "gave it; it can't be made of whoami's firm"
)

CLOCK_BOUND_MS = 30_000
_PATIENCE = 15.0
_NEEDED_SCOPES = (
    *("read:accounts", "read:instruments", "read:orders", "write:orders", "read:reports", "read:positions"),
)
"""What placing an order, reading it back and its money ask for: docs.polymarket.us, trader-guide/authentication."""


class Subject:
    """The settings under examination, and the venue as they describe it; ``others`` are those of ``pmx.yaml``."""

    def __init__(self, settings: Settings, redactor: Redactor, others: tuple[Settings, ...] = ()) -> None:
        assert settings.base_url and settings.auth_url  # noqa: S101, PT018 - `resolve` saw to it
        self.settings = settings
        self.others = others
        self.addresses = (settings.base_url.value, settings.auth_url.value)
        self.ca_bundle = settings.ca_bundle.value if settings.ca_bundle else None
        self._clock = SystemClock()
        self._transport = Transport(self._clock, redactor, str(self.ca_bundle) if self.ca_bundle else None)
        self.pins = Pins(settings.pins)
        signing = credentials(settings)
        self._venue = Venue(signing, self.addresses[0], self._transport, self._clock, redactor)
        self._calls: list[Call] = []

    def __enter__(self) -> Subject:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()

    def desk(self, participant: str | None = None) -> Desk:
        """The venue for one more call of at most 15 seconds."""
        return self._venue.desk(participant, "", Deadline(self._clock, _PATIENCE), self._calls.append)

    def asked(self, ask: Callable[[], T]) -> T:
        """What the venue answers; raises what ``ask`` does, and ``Unreachable`` where somebody else answered."""
        try:
            return ask()
        except VenueError as error:
            if self._calls and self._calls[-1].headers.get("content-type", "").startswith("text/html"):
                raise _stranger(self._calls[-1]) from error
            raise

    def token(self) -> TokenInfo:
        """What the token allows, asked for once."""
        return self.asked(self.desk().authenticate)

    @property
    def clock_offset_ms(self) -> int | None:
        """The venue's clock minus ours in milliseconds, None if its answers name no time."""
        return self._venue.clock_offset_ms


def _stranger(call: Call) -> Unreachable:
    host = urlsplit(call.url).netloc
    help = f"a proxy, a firewall or the sign-in page of a network stands in between: ask who runs it to {LET_THROUGH}"
    return Unreachable(f"a web page came in place of an answer of {host}: {call.status}", sent=True, help=help)


def _state(subject: Subject) -> str | Doubt:
    """Whether a run could keep its journal there; a folder that is not there yet is not made."""
    folder = state_path(subject.settings).absolute()
    there = next(each for each in (folder, *folder.parents) if each.exists())
    if there == folder:
        state_folder(subject.settings)
    try:
        with tempfile.TemporaryFile(dir=there) as trial:
            trial.write(b"x")
            trial.flush()
            os.fsync(trial.fileno())
    except OSError as error:
        title, help = f"the state directory {folder} can't be written: {error.strerror}", _ANOTHER_FOLDER
        raise StepErrored(title, help=help) from error
    return _lasting(folder, there.resolve())


def _lasting(folder: Path, there: Path) -> str | Doubt:
    known = mounts()
    why = passing(there, known)
    if why:
        return Doubt(f"{folder} does not last: {why}", f"what a killed run owes goes with it; {_ANOTHER_FOLDER}")
    own = mount_of(there, known)
    return f"{folder}, on {own.kind} at {own.folder}" if own else str(folder)


def _key(subject: Subject) -> str:
    source = key_source(subject.settings)
    key, pem = load_key(source), source.read()
    form = "PKCS#1" if b"BEGIN RSA PRIVATE KEY" in pem else "PKCS#8"
    return f"RSA, {key.key_size} bits, {form}, {_kept(source)}, {fingerprint(key.public_key())}"


def _environment(subject: Subject) -> str:
    """What is of another environment than the rest; the venue itself could say no more than no."""
    check_addresses(subject.settings)
    check_own(subject.settings, subject.others)
    return f"nothing that is known to be of another than `{subject.settings.environment.value}`"


def _kept(source: KeySource) -> str:
    if isinstance(source, KeyFile):
        return f"mode {stat.S_IMODE(source.path.stat().st_mode):o}"
    return f"from {source.name}"


def _pins(subject: Subject) -> str:
    """Client id, key and participant; the token and the firm are held against theirs where they are seen."""
    check_own_pins(subject.settings)
    return "client id, key and participant agree with what is pinned"


def _dns(subject: Subject) -> str:
    return _each_host(subject, reach.resolved)


def _tls(subject: Subject) -> str:
    return _each_host(subject, lambda url: reach.connected(url, subject.ca_bundle))


def _each_host(subject: Subject, look: Callable[[str], str]) -> str:
    return "; ".join(dict.fromkeys(map(look, subject.addresses)))


def _health(subject: Subject) -> str:
    return f"the venue says {subject.asked(lambda: endpoints.health(subject.desk())).value}"


def _clock(subject: Subject) -> str:
    """Tokens of a wrong clock look expired at once, or are not valid yet. Any answer names the venue's time."""
    offset = subject.clock_offset_ms
    if offset is None:
        return "not measured: the venue's answers name no time"
    seen = f"{abs(offset) / 1000:.0f} s {'behind' if offset > 0 else 'ahead of'} the venue's"
    if abs(offset) > CLOCK_BOUND_MS:
        help = "set it, and keep it right by NTP, such as: timedatectl set-ntp true"
        raise StepErrored(f"this machine's clock is {seen}", help=help)
    return f"{seen}, which may be {CLOCK_BOUND_MS // 1000} s"


def _token(subject: Subject) -> str:
    try:
        info = subject.token()
    except NotSignedIn as error:
        raise explained(error, subject.settings) from error
    subject.pins.check_token(info)
    return f"good for {info.expires_in} s"


def _scopes(subject: Subject) -> str:
    scopes = subject.token().scopes
    if not scopes:
        return "not told by the token"
    missing = [each for each in _NEEDED_SCOPES if each not in scopes]
    if missing:
        assert subject.settings.client_id  # noqa: S101 - it has signed in
        client = subject.settings.client_id.value
        help = f"ask the venue's onboarding to grant it to the client id {client}; the key stays as it is"
        raise StepErrored(f"the token lacks {', '.join(missing)}; it holds {' '.join(scopes)}", help=help)
    return " ".join(scopes)


def _whoami(subject: Subject) -> str:
    """Without the participant, so that a wrong one has a finding of its own."""
    try:
        me = subject.asked(lambda: endpoints.whoami(subject.desk()).value)
    except Refused as error:
        raise explained_alone(error) from error
    return f"{me.user} of firm {me.firm}"


def _participant(subject: Subject) -> str:
    """Only an account-scoped read shows whether the venue lets us act for the participant.

    Whoever acts for a participant is of its firm, which is another one than that of the client: the pin means it.
    """
    if subject.settings.participant is None:
        raise WrongInput([Diagnostic("no participant is set", help=_NO_PARTICIPANT)])
    name = subject.settings.participant.value
    if subject.settings.pins.firms is not None:
        subject.pins.check_firm(endpoints.whoami(subject.desk(name)).value.firm)
    try:
        orders = subject.asked(lambda: endpoints.open_orders(subject.desk(name)).value)
    except Refused as error:
        raise explained_for(error, name, subject.token().firm) from error
    return f"may act for {name}, open orders: {len(orders)}"


def _notify(subject: Subject) -> str:
    """Whether what the channels keep out of the settings can be had; nothing is sent to anybody."""
    stated = subject.settings.notify
    assert stated  # noqa: S101 - it is looked at only then
    for channel in stated.value:
        try:
            for name in SECRETS:
                value_of(channel, name, os.environ)
        except Undelivered as error:
            help = "until then what is told there waits, for three days"
            raise StepErrored(f"{channel}: {error.message}", help=help) from error
    return f"{counted(len(stated.value), 'channel')}: {', '.join(map(str, stated.value))}"


_OF_PINS = Check("pins", _pins, after=("key",))
_OF_NOTIFY = Check("notify", _notify)
CHECKS = (
    Check("state", _state),
    Check("key", _key),
    _OF_PINS,
    Check("environment", _environment, after=("key",)),
    Check("dns", _dns),
    Check("tls", _tls, after=("dns",)),
    Check("health", _health, after=("tls",)),
    Check("clock", _clock, after=("tls",)),
    Check("token", _token, after=("key", "pins", "environment", "tls", "clock")),
    Check("scopes", _scopes, after=("token",)),
    Check("whoami", _whoami, after=("health", "scopes")),
    Check("participant", _participant, after=("whoami",)),
    _OF_NOTIFY,
)
"""``health`` comes before the clock, which is read off any answer."""


def checks_for(settings: Settings) -> tuple[Check[Subject], ...]:
    """What there is to look at; pins and channels only where there are any."""
    left_out = [] if settings.pins != PinSettings() else [_OF_PINS]
    if settings.notify is None or not settings.notify.value:
        left_out.append(_OF_NOTIFY)
    return tuple(each for each in CHECKS if each not in left_out)
