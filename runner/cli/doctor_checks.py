"""What the doctor looks at, from this machine outwards: a table written by hand."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from types import TracebackType

from runner.cli import reach
from runner.cli.credentials import credentials, key_source
from runner.cli.diagnosis import Check
from runner.cli.pinning import check_own_pins
from runner.clock import Deadline, SystemClock
from runner.errors import StepErrored
from runner.notify.credentials import Undelivered, value_of
from runner.redact import Redactor
from runner.settings import PinSettings, Settings
from runner.settings.channels import SECRETS
from runner.value import counted
from runner.venue import endpoints
from runner.venue.desk import Desk, Venue
from runner.venue.keys import KeyFile, KeySource, fingerprint, load_key
from runner.venue.pins import Pins
from runner.venue.transport import Transport

CLOCK_BOUND_MS = 30_000
_PATIENCE = 15.0


class Subject:
    """The settings under examination, and the venue as they describe it."""

    def __init__(self, settings: Settings, redactor: Redactor) -> None:
        assert settings.base_url and settings.auth_url  # noqa: S101, PT018 - `resolve` saw to it
        self.settings = settings
        self.addresses = (settings.base_url.value, settings.auth_url.value)
        self.ca_bundle = settings.ca_bundle.value if settings.ca_bundle else None
        self._clock = SystemClock()
        self._transport = Transport(self._clock, redactor, str(self.ca_bundle) if self.ca_bundle else None)
        self.pins = Pins(settings.pins)
        signing = credentials(settings)
        self._venue = Venue(signing, self.addresses[0], self._transport, self._clock, redactor)

    def __enter__(self) -> Subject:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._transport.close()

    def desk(self, participant: str | None = None) -> Desk:
        """The venue for one more call of at most 15 seconds."""
        return self._venue.desk(participant, "", Deadline(self._clock, _PATIENCE), lambda _: None)

    @property
    def clock_offset_ms(self) -> int | None:
        """The venue's clock minus ours in milliseconds, None if its answers name no time."""
        return self._venue.clock_offset_ms


def _key(subject: Subject) -> str:
    source = key_source(subject.settings)
    key, pem = load_key(source), source.read()
    form = "PKCS#1" if b"BEGIN RSA PRIVATE KEY" in pem else "PKCS#8"
    return f"RSA, {key.key_size} bits, {form}, {_kept(source)}, {fingerprint(key.public_key())}"


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
    """What is seen at each host; where a proxy carries the requests, what we could see directly says nothing."""
    seen = [
        f"by way of the proxy {proxy}" if (proxy := reach.proxy_for(url)) else look(url) for url in subject.addresses
    ]
    return "; ".join(dict.fromkeys(seen))


def _health(subject: Subject) -> str:
    return f"the venue says {endpoints.health(subject.desk()).value}"


def _clock(subject: Subject) -> str:
    """Tokens of a wrong clock look expired at once, or are not valid yet."""
    offset = subject.clock_offset_ms
    if offset is None:
        return "not measured: the venue's answers name no time"
    seen = f"{abs(offset) / 1000:.1f} s {'behind' if offset > 0 else 'ahead of'} the venue's"
    if abs(offset) > CLOCK_BOUND_MS:
        help = "set it, and keep it right by NTP, such as: timedatectl set-ntp true"
        raise StepErrored(f"this machine's clock is {seen}", help=help)
    return f"{seen}, which may be {CLOCK_BOUND_MS // 1000} s"


def _token(subject: Subject) -> str:
    info = subject.desk().authenticate()
    subject.pins.check_token(info)
    scopes = " ".join(info.scopes) or "not told by the token"
    return f"good for {info.expires_in} s, scopes: {scopes}"


def _whoami(subject: Subject) -> str:
    """Without the participant, so that a wrong one has a finding of its own."""
    me = endpoints.whoami(subject.desk()).value
    return f"{me.user} of firm {me.firm}"


def _participant(subject: Subject) -> str:
    """Only an account-scoped read shows whether the venue lets us act for the participant.

    Whoever acts for a participant is of its firm, which is another one than that of the client: the pin means it.
    """
    assert subject.settings.participant  # noqa: S101 - `resolve` saw to it
    name = subject.settings.participant.value
    if subject.settings.pins.firms is not None:
        subject.pins.check_firm(endpoints.whoami(subject.desk(name)).value.firm)
    orders = endpoints.open_orders(subject.desk(name)).value
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
    Check("key", _key),
    _OF_PINS,
    Check("dns", _dns),
    Check("tls", _tls, after=("dns",)),
    Check("health", _health, after=("tls",)),
    Check("clock", _clock, after=("health",)),
    Check("token", _token, after=("key", "tls")),
    Check("whoami", _whoami, after=("health", "token")),
    Check("participant", _participant, after=("whoami",)),
    _OF_NOTIFY,
)


def checks_for(settings: Settings) -> tuple[Check[Subject], ...]:
    """What there is to look at; pins and channels only where there are any."""
    left_out = [] if settings.pins != PinSettings() else [_OF_PINS]
    if settings.notify is None or not settings.notify.value:
        left_out.append(_OF_NOTIFY)
    return tuple(each for each in CHECKS if each not in left_out)
