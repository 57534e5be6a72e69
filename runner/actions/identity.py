"""Who we are to the venue: signing in, the token's own identity, users and accounts."""

from __future__ import annotations

from collections.abc import Iterator

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import RAW, TEXT, WHOLE, many, record, words
from runner.foreseen import Foreseen, Outlook, SignIn
from runner.value import NAME, Argument, counted
from runner.venue import asks, endpoints


def _authenticate(_arguments: Arguments, context: Context) -> Observation:
    token = context.desk.authenticate()
    context.pins.pins.check_token(token)
    result = {"expires_in": token.expires_in, "scopes": list(token.scopes), "subject": token.subject}
    return Observation(result, f"token for {token.expires_in} s, {counted(len(token.scopes), 'scope')}")


def _whoami(_arguments: Arguments, context: Context) -> Observation:
    desk = context.desk
    reply = endpoints.whoami(desk)
    context.pins.identified(reply.value, desk.participant)
    return Observation(reply.value.plain() | {"raw": reply.raw}, reply.value.user)


def _list_users(_arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.users(context.desk)
    users = [user.plain() for user in reply.value]
    return Observation({"users": users, "raw": reply.raw}, counted(len(users), "user"))


def _list_accounts(arguments: Arguments, context: Context) -> Observation:
    reply = endpoints.accounts(context.desk, arguments["user"] or "")
    accounts = [account.plain() for account in reply.value]
    return Observation({"accounts": accounts, "raw": reply.raw}, counted(len(accounts), "account"))


def _accounts_foreseen(arguments: Arguments, _outlook: Outlook) -> Iterator[Foreseen]:
    yield Foreseen(asks.accounts(arguments["user"] or ""))


AUTHENTICATE = Action(
    name="authenticate",
    summary="Get an access token",
    effect="reads",
    arguments={},
    result=record(expires_in=WHOLE, scopes=many(TEXT), subject=TEXT),
    perform=_authenticate,
    foresee=lambda _arguments, _outlook: [Foreseen(SignIn())],
    example="action: authenticate\nexpect:\n  - result.expires_in > 0",
    source="docs.polymarket.us: trader-guide/authentication",
)

WHOAMI = Action(
    name="whoami",
    summary="Verify who we are",
    effect="reads",
    arguments={},
    result=record(
        user=TEXT,
        user_display_name=TEXT,
        firm=TEXT,
        firm_display_name=TEXT,
        firm_type=words(
            "FIRM_TYPE_", "UNDEFINED", "PARTICIPANT", "SUPERVISOR", "CLEARING_MEMBER", "CLEARING_HOUSE", "AGENT"
        ),
        audience=TEXT,
        raw=RAW,
    ),
    perform=_whoami,
    foresee=lambda _arguments, _outlook: [Foreseen(asks.whoami())],
    example='action: whoami\nexpect:\n  - result.firm != ""',
    source="docs.polymarket.us: institutional/accounts/overview",
)

LIST_USERS = Action(
    name="list_users",
    summary="List the firm's users",
    effect="reads",
    arguments={},
    result=record(users=many(record(id=TEXT, display_name=TEXT, firm=TEXT, firm_display_name=TEXT)), raw=RAW),
    perform=_list_users,
    foresee=lambda _arguments, _outlook: [Foreseen(asks.users())],
    example="action: list_users\nexpect:\n  - result.users | length > 0",
    source="docs.polymarket.us: institutional/accounts/overview",
)

LIST_ACCOUNTS = Action(
    name="list_accounts",
    summary="List trading accounts",
    effect="reads",
    arguments={"user": Argument(NAME, "Only this user's accounts: firms/<firm>/users/<user>")},
    result=record(accounts=many(record(name=TEXT, display_name=TEXT)), raw=RAW),
    perform=_list_accounts,
    foresee=_accounts_foreseen,
    example="action: list_accounts\nexpect:\n  - result.accounts | length > 0",
    source="docs.polymarket.us: institutional/accounts/overview",
)
