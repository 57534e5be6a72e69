"""The office that makes users of persons: applications, the participants and accounts they end in, and who is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from runner.sandbox.exchange.accounts import Account, Participant
from runner.sandbox.exchange.market import Market
from runner.sandbox.exchange.onboarding import AlreadyApproved, Application, Code, News, Path, Stage, Webhook
from runner.sandbox.exchange.schedule import Schedule, Task


class Office:
    """Applications by firm and external id. ``news`` holds what a firm with a webhook has not been told yet."""

    def __init__(self, market: Market, schedule: Schedule, participants: dict[str, Participant]) -> None:
        self.applications: dict[tuple[str, str], Application] = {}
        self.webhooks: dict[str, Webhook] = {}
        self.news: dict[str, News] = {}
        self._codes: dict[tuple[str, str], Code] = {}
        self._market = market
        self._schedule = schedule
        self._participants = participants

    def enrol(self, at: datetime, firm: str, clearing_firm: str, external_id: str, path: str) -> Application:
        """Take an application in; one that is still under way is handed back as it is, one rejected may be repeated.

        Raises AlreadyApproved if the person was approved before or is a user already.
        """
        known = self.applications.get((firm, external_id))
        if known and known.stage in (Stage.DOCUMENTS, Stage.REVIEW):
            return known
        if _user(firm, external_id) in self._participants or (known and known.stage is not Stage.REJECTED):
            raise AlreadyApproved(external_id)
        evaluation = self._market.new_id()
        return self._keep(Application(firm, clearing_firm, external_id, evaluation, Path(path), at))

    def proceed(self, at: datetime, key: tuple[str, str]) -> None:
        """Bring an application one stage further."""
        application = self.applications[key].advanced(at)
        if application.stage is Stage.PROVISIONED:
            application = self._provision(application)
        self._keep(application)

    def send_code(self, at: datetime, firm: str, external_id: str) -> None:
        """Send a one-time code; it replaces an earlier one."""
        self._codes[firm, external_id] = Code(at)

    def try_code(self, at: datetime, firm: str, external_id: str, used: bool) -> bool:
        """Count a try of a code, which ends if it is used up; whether there was a code to try."""
        code = self._codes.get((firm, external_id))
        if code is None or not code.good(at):
            return False
        self._codes[firm, external_id] = replace(code, tries=code.tries + 1)
        if used:
            del self._codes[firm, external_id]
        return True

    def register(self, _at: datetime, firm: str, url: str, secret: str) -> None:
        """Set where a firm is told; the last word counts."""
        self.webhooks[firm] = Webhook(url, secret)

    def delivered(self, _at: datetime, news_id: str) -> None:
        """Forget news that has arrived."""
        self.news.pop(news_id, None)

    def expecting(self) -> bool:
        """Whether a firm with a webhook has an application under way."""
        waiting = (application for application in self.applications.values() if not application.over)
        return any(application.firm in self.webhooks for application in waiting)

    def _keep(self, application: Application) -> Application:
        self.applications[application.key] = application
        if not application.over:
            self._schedule.add(application.moves_on, Task.ONBOARD, " ".join(application.key))
        elif application.firm in self.webhooks:
            news_id = self._market.new_id()
            self.news[news_id] = News(news_id, application.since, application)
        return application

    def _provision(self, application: Application) -> Application:
        user = _user(application.firm, application.external_id)
        account = f"firms/{application.clearing_firm}/accounts/{self._market.new_id()}"
        self._participants[user] = Participant(user, application.external_id, application.firm)
        self._market.accounts[account] = Account(account, user, application.external_id, 0)
        return replace(application, participant=user, account=account)


def _user(firm: str, external_id: str) -> str:
    return f"firms/{firm}/users/{external_id}"
