"""The venue as one step of a run sees it: acting for one participant, until one deadline, every call reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, TypeAlias

from runner.address import host_of, is_loopback
from runner.errors import ComeBackLater, ContractBroken, GuardRefused, Unreachable
from runner.redact import Secret
from runner.venue.asks import Ask, FreeAsk
from runner.venue.auth import Credentials, TokenInfo, TokenSource
from runner.venue.call import Answer, Heard, Request, revealed
from runner.venue.contract import answer_problems, request_problems
from runner.venue.operations import SWITCH, Operation, find, is_switch
from runner.venue.paths import Query, check_header, joined, origin
from runner.venue.personal import Veil
from runner.venue.refusals import raise_for

if TYPE_CHECKING:
    from runner.clock import Clock, Deadline
    from runner.redact import Redactor
    from runner.venue.keys import KeyMemory
    from runner.venue.transport import Transport

Permit: TypeAlias = Callable[[Operation | None], None]

_MOST_NOTES = 50
_ANY_ROW = re.compile(r"\[\d+\]")


class Venue:
    """One environment of the venue, for a whole process; gives each step its ``Desk``.

    ``redactor`` is told every secret made on the way. ``memory`` spares the full check of a key known to be good.
    ``noted`` are the oddities of answers that were told already: each is told once.
    """

    def __init__(
        self,
        credentials: Credentials,
        base_url: str,
        transport: Transport,
        clock: Clock,
        redactor: Redactor,
        memory: KeyMemory | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.transport = transport
        self.clock = clock
        self.redactor = redactor
        self.tokens = TokenSource(credentials, clock, redactor, memory)
        self.noted: set[str] = set()

    @property
    def clock_offset_ms(self) -> int | None:
        """The venue's clock minus ours in milliseconds, None until something was answered."""
        return self.transport.clock_offset_ms

    def desk(
        self,
        participant: str | None,
        account: str,
        deadline: Deadline,
        heard: Heard,
        permit: Permit = lambda _: None,
        note: Callable[[str], None] = lambda _: None,
    ) -> Desk:
        """The venue for one step. ``participant`` is sent unchanged as ``x-participant-id``, if there is one.

        ``permit`` is asked before each call (that for a token aside) and may raise to refuse it; it is told the
        operation, None for a call to another host. ``note`` is told what is odd about an answer, and no reason to fail.
        """
        problem = check_header("x-participant", participant or "")
        if problem:
            raise GuardRefused("the participant must be printable ASCII, as onboarding gave it")
        return Desk(self, participant or "", account, deadline, heard, permit, note)


class Desk:
    """One participant's view of the venue for one step.

    Every method may raise ``Refused``, ``NotSignedIn``, ``ComeBackLater`` and ``Unreachable``, and ``WrongInput`` for a
    private key that can't be used. Nothing is tried again here, but for a call answered 401 (it was not carried out):
    once more, with a new token.
    """

    __slots__ = ("_deadline", "_heard", "_note", "_permit", "_venue", "account", "participant")

    def __init__(
        self,
        venue: Venue,
        participant: str,
        account: str,
        deadline: Deadline,
        heard: Heard,
        permit: Permit,
        note: Callable[[str], None],
    ) -> None:
        self._venue = venue
        self._permit = permit
        self._note = note
        self._deadline = deadline
        self._heard = heard
        self.participant = participant
        self.account = account

    @property
    def base_url(self) -> str:
        """The venue's address, without a final slash."""
        return self._venue.base_url

    @property
    def clock_offset_ms(self) -> int | None:
        """The venue's clock minus ours in milliseconds, None until something was answered."""
        return self._venue.clock_offset_ms

    def authenticate(self) -> TokenInfo:
        """What the access token allows; it is fetched if there is none yet."""
        return self._token()[1]

    def send(self, ask: Ask) -> Answer:
        """Perform an operation. The least of its own limit and the deadline counts.

        ``GuardRefused`` for a request, and ``ContractBroken`` for an answer, that is not what its contract says.
        """
        operation = ask.operation
        veil = self._veil(operation, ask.query, ask.body)
        _check_request(operation, revealed(ask.body), ask.query, veil)
        request = ask.request(self.base_url, self.participant)
        self._ask_leave(operation)
        answer = self._signed(operation, request, veil) if operation.signed else self._exchange(request, veil)
        self._judge(answer)
        self._check_answer(operation, answer, veil)
        return answer

    def raw(self, ask: FreeAsk, *, expect_any_status: bool = False) -> Answer:
        """Any request: a path of the venue, or a whole URL (which hosts are allowed is for the caller to judge).

        Token and participant go to the venue's own origin alone, and there only reads and cancels of the table may be
        sent, and switches to the sandbox exchange: anything else would pass by what is recorded and limited.
        ``expect_any_status`` gives 4xx and 5xx as answers. ``GuardRefused`` for a path, header or operation that must
        not be sent.
        """
        path = self._own_path(ask.place)
        url = ask.place if path is None else joined(self.base_url, path)
        operation = None if path is None else _harmless(ask.method, path, self.base_url)
        _check_headers(ask.headers)
        request = ask.request_to(url, operation, self.participant)
        self._ask_leave(operation)
        veil = self._veil(operation, ask.query, ask.body)
        answer = (
            self._signed(operation, request, veil) if operation and operation.signed else self._exchange(request, veil)
        )
        if not expect_any_status:
            self._judge(answer)
        return answer

    def _ask_leave(self, operation: Operation | None) -> None:
        """Ask when all else is ready: a call that fetched its token after its turn had come would leave too late."""
        if operation is not None and operation.signed:
            self._token_first()
        self._permit(operation)

    def _signed(self, operation: Operation, request: Request, veil: Veil) -> Answer:
        """With our token; a 401 gets a new token and one repeat, writes too, since nothing was carried out."""
        token = self._token_first()
        answer = self._exchange(_carrying(token, request), veil)
        if answer.status != 401:
            return answer
        self._venue.tokens.refuse(token)
        self._ask_leave(operation)  # the repeat is one more call, and takes its own turn
        return self._exchange(_carrying(self._token_first(), request), veil)

    def _token_first(self) -> Secret:
        """The token for a request that is yet to be sent: without one, nothing of it leaves."""
        try:
            return self._token()[0]
        except ComeBackLater:
            raise
        except Unreachable as error:
            raise Unreachable(error.message, sent=False, status=error.status, help=error.help) from error

    def _token(self) -> tuple[Secret, TokenInfo]:
        nothing = self._veil(None, None, None)
        return self._venue.tokens.token(lambda request: self._exchange(request, nothing), self._deadline.left)

    def _exchange(self, request: Request, veil: Veil) -> Answer:
        answer = self._venue.transport.exchange(request, self._deadline.left, lambda call: self._heard(veil.call(call)))
        return veil.answer(answer)

    def _veil(self, operation: Operation | None, query: Query | None, body: object) -> Veil:
        sent = revealed(body) if isinstance(body, Mapping) else {}
        return Veil(operation, self._venue.redactor, {**(query or {}), **sent})

    def _judge(self, answer: Answer) -> None:
        raise_for(answer, self._venue.redactor, self._venue.clock.now())

    def _check_answer(self, operation: Operation, answer: Answer, veil: Veil) -> None:
        """What breaks the contract is an error; what is merely odd is noted, once and in bounds."""
        problems = answer_problems(operation, {} if answer.body is None else answer.body)
        broken = next((each for each in problems if each.promised), None)
        if broken is not None:
            raise ContractBroken(veil.text(str(broken)))
        for each in problems:
            text = f"{operation.name}: {_ANY_ROW.sub('[]', veil.text(str(each)))}"
            if text not in self._venue.noted and len(self._venue.noted) < _MOST_NOTES:
                self._venue.noted.add(text)
                self._note(text)

    def _own_path(self, path_or_url: str) -> str | None:
        """The path below the venue's address; None for another origin."""
        if path_or_url.startswith(f"{self.base_url}/"):
            return path_or_url.removeprefix(self.base_url)
        if ":" in path_or_url.partition("/")[0] and origin(path_or_url) != origin(self.base_url):
            return None
        return path_or_url


def _carrying(token: Secret, request: Request) -> Request:
    return request.with_headers({"Authorization": "Bearer " + token})


def _check_request(operation: Operation, body: object, query: Query | None, veil: Veil) -> None:
    """Refuse what the venue would, or what it would silently ignore."""
    given = {name: value for name, value in (query or {}).items() if value is not None}
    problems = request_problems(operation, given if operation.method == "GET" else body or {})
    if problems:
        raise GuardRefused(
            f"the request is not what the venue's contract says: {veil.text(str(problems[0]))}",
            help=f"nothing was sent to {operation.name}",
        )


def _check_headers(headers: Mapping[str, str | Secret]) -> None:
    for name, value in headers.items():
        problem = check_header(name, value.reveal() if isinstance(value, Secret) else value)
        if problem:
            raise GuardRefused(f"{problem}; nothing was sent")


def _harmless(method: str, path: str, base_url: str) -> Operation:
    """What may be sent freely. A switch of the sandbox exchange may, but to this machine alone: that is where it is."""
    if is_switch(method, path):
        if is_loopback(base_url):
            return SWITCH
        raise GuardRefused(
            f"{path} is a switch of the sandbox exchange, and {host_of(base_url)} is none; nothing was sent",
            help="leave the step out elsewhere: `when: '\"://127.0.0.1:\" in environment.base_url'`",
        )
    operation = find(method, path)
    if operation is None or operation.effect == "changes":
        what = "is not an operation that is known" if operation is None else "changes something"
        raise GuardRefused(
            f"{method.upper()} {path} {what}; nothing was sent",
            help="a free call to the venue may only read, or cancel; orders have actions of their own",
        )
    return operation
