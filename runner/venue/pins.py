"""Pins: who we may be. What an environment pins must agree with what is used before anything there is changed.

Source: docs.polymarket.us, trader-guide/accounts-identity (participants and firms), institutional/accounts/overview
(whoami, whose ``firm`` comes bare or as ``firms/<id>``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from runner.errors import ComeBackLater, GuardRefused, NotSignedIn, Refused, Unreachable
from runner.frozen import frozen
from runner.settings.model import PinSettings, Setting
from runner.venue import endpoints

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from runner.venue.auth import TokenInfo
    from runner.venue.desk import Desk
    from runner.venue.model import Identity
    from runner.venue.operations import Operation

_OF_A_CLIENT = "@clients"
_OF_A_FIRM = "firms/"


@frozen
class Pins:
    """What an environment pins; where nothing is stated anything agrees. Every method raises ``GuardRefused``."""

    stated: PinSettings = PinSettings()

    def check_client(self, client_id: str) -> None:
        """Hold the client id that signs in against the pins."""
        _agree(self.stated.client_ids, client_id, "the client id")

    def check_key(self, public: RSAPublicKey) -> None:
        """Hold the public half of a key, by its fingerprint."""
        if self.stated.key_fingerprints is not None:
            from runner.venue.keys import fingerprint

            _agree(self.stated.key_fingerprints, fingerprint(public), "the private key's fingerprint", hex_pairs)

    def check_participant(self, participant: str) -> None:
        """Hold whom a step acts for."""
        _agree(self.stated.participants, participant, "the participant")

    def check_token(self, token: TokenInfo) -> None:
        """Hold whom a token was given to; one that doesn't tell agrees."""
        subject = token.subject.removesuffix(_OF_A_CLIENT)
        if subject:
            _agree(self.stated.client_ids, subject, "the token's subject")

    def check_firm(self, firm: str) -> None:
        """Hold the firm that the venue names in ``whoami``."""
        _agree(self.stated.firms, firm, "the firm that the venue names", bare_firm)


class PinGuard:
    """Holds the pins against every call of a process; remembers the firm of each participant that was asked about."""

    def __init__(self, pins: Pins | None = None) -> None:
        self.pins = pins or Pins()
        self._firms: dict[str, str] = {}

    def before(self, operation: Operation | None, participant: str, desk: Callable[[], Desk]) -> None:
        """Let a call through that is about to be made; the first that changes something asks at ``desk`` who we are.

        A cancel is never held up, and calls to other hosts (None) are none of this. Raises ``GuardRefused``, or what
        ``whoami`` raises: then nothing was sent.
        """
        if operation is None or operation.effect == "cancels":
            return
        self.pins.check_participant(participant)
        if operation.effect == "changes" and self.pins.stated.firms is not None:
            if participant not in self._firms:
                self._firms[participant] = _firm(desk())
            self.pins.check_firm(self._firms[participant])

    def identified(self, identity: Identity, participant: str) -> None:
        """The venue told who we are: that counts for what follows. Raises ``GuardRefused`` if it disagrees."""
        self._firms[participant] = identity.firm
        self.pins.check_firm(identity.firm)


def hex_pairs(fingerprint: str) -> str:
    """A fingerprint as it is compared, however it was written: its hex digits alone."""
    return fingerprint.lower().removeprefix("sha256:").replace(":", "")


def bare_firm(firm: str) -> str:
    """A firm as it is compared: ``ISV-Acme`` for ``firms/ISV-Acme``, too."""
    return firm.removeprefix(_OF_A_FIRM)


def _firm(desk: Desk) -> str:
    """What ``whoami`` says, asked on the way to another call, of which nothing has left yet."""
    try:
        return endpoints.whoami(desk).value.firm
    except (NotSignedIn, ComeBackLater):
        raise
    except Refused as error:
        raise GuardRefused(f"the firm can't be held against its pin: {error.message}", help=error.help) from error
    except Unreachable as error:
        raise Unreachable(error.message, sent=False, status=error.status, help=error.help) from error


def _agree(pin: Setting[tuple[str, ...]] | None, seen: str, what: str, plain: Callable[[str], str] = str) -> None:
    if pin is not None and plain(seen) not in map(plain, pin.value):
        raise GuardRefused(
            f"{what} is `{seen}`, and this environment pins {', '.join(pin.value)}",
            help=f"the pin stands at {pin.origin}; nothing was changed",
        )
