"""From a person to a user with an account: identity checks and provisioning, by the clock.

Outcomes and their words follow docs.polymarket.us: partners/onboarding/kyc/overview and verification-flow. No personal
data come here: whoever asks has already found, from the documented trigger identities, which path a person takes.
How long each step takes is this exchange's own choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum


class Stage(Enum):
    """Where an application stands."""

    DOCUMENTS = "documents"
    REVIEW = "review"
    ACCEPTED = "accepted"
    PROVISIONED = "provisioned"
    REJECTED = "rejected"


class Path(Enum):
    """The stages that an application goes through."""

    APPROVE = "approve"
    REVIEW = "review"
    REJECT = "reject"
    DOCUMENTS_THEN_APPROVE = "documents_then_approve"
    DOCUMENTS_THEN_REVIEW = "documents_then_review"
    DOCUMENTS_THEN_REJECT = "documents_then_reject"


_STAGES = {
    Path.APPROVE: (Stage.ACCEPTED, Stage.PROVISIONED),
    Path.REVIEW: (Stage.REVIEW, Stage.ACCEPTED, Stage.PROVISIONED),
    Path.REJECT: (Stage.REJECTED,),
    Path.DOCUMENTS_THEN_APPROVE: (Stage.DOCUMENTS, Stage.ACCEPTED, Stage.PROVISIONED),
    Path.DOCUMENTS_THEN_REVIEW: (Stage.DOCUMENTS, Stage.REVIEW, Stage.ACCEPTED, Stage.PROVISIONED),
    Path.DOCUMENTS_THEN_REJECT: (Stage.DOCUMENTS, Stage.REJECTED),
}

LASTS = {
    Stage.DOCUMENTS: timedelta(seconds=10),
    Stage.REVIEW: timedelta(days=1),
    Stage.ACCEPTED: timedelta(seconds=1),
}
"""How long a stage lasts: documents count as uploaded after a while, a review ends well after a day."""


_CODE_LASTS = timedelta(minutes=10)
_CODE_TRIES = 3


class AlreadyApproved(Exception):
    """The person has been approved before: the status can be read instead."""


@dataclass(frozen=True, slots=True)
class Application:
    """One person of one firm, by the firm's own id. Participant and account are full names, empty until provisioned."""

    firm: str
    clearing_firm: str
    external_id: str
    evaluation: str
    path: Path
    since: datetime
    step: int = 0
    participant: str = ""
    account: str = ""

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        return _STAGES[self.path][self.step]

    @property
    def key(self) -> tuple[str, str]:
        """Firm and external id, which name an application."""
        return self.firm, self.external_id

    @property
    def over(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.stage not in LASTS

    @property
    def moves_on(self) -> datetime:
        """When the next stage is due; only of an application that is not over."""
        return self.since + LASTS[self.stage]

    def advanced(self, at: datetime) -> Application:
        """The application one stage further."""
        return replace(self, step=self.step + 1, since=at)


@dataclass(frozen=True, slots=True)
class Code:
    """A one-time code that was sent for prefilling; it lasts ten minutes and three tries (the page prefill-flow)."""

    sent: datetime
    tries: int = 0

    def good(self, at: datetime) -> bool:
        """Whether it may be tried once more."""
        return at - self.sent <= _CODE_LASTS and self.tries < _CODE_TRIES


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a firm wants to be told; ``secret`` is ``whsec_`` and base64, empty for unsigned deliveries."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class News:
    """What a firm is to be told of an application that has ended, until it was told."""

    id: str
    at: datetime
    application: Application
