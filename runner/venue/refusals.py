"""What an answer's status means: go on, the venue said no, come back later, or no usable answer.

Source: docs.polymarket.us, trader-guide/error-handling and institutional/introduction (status and body's form),
trader-guide/authentication-troubleshooting (the token endpoint's words).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from runner.errors import ComeBackLater, NotSignedIn, Refused, Unreachable

if TYPE_CHECKING:
    from runner.redact import Redactor
    from runner.venue.call import Answer

_LONGEST = 500

_BY_STATUS = {
    404: "check the symbol or id, and that the base URL belongs to the environment that is meant",
    405: "the venue knows this path, but not this method",
    409: "it collides with the present state: the same id in use, or already finished; read it back first",
    413: "the request's body is too large",
    422: "the request is understood, but can't be carried out as things stand",
    464: "the load balancer does not serve this host name: check the base URL and any proxy",
}

_BY_WORD = {
    "invalid_client": "the key does not match the client id here: is its public half registered, and for this "
    "environment? (each environment has keys of its own)",
    "invalid_client_assertion": "check this machine's clock, the auth URL (the assertion's audience) and the client id",
    "access_denied": "the client may not use this audience: check PMX_AUDIENCE, it is the API's base URL",
    "unauthorized_client": "this client may not use the client_credentials grant: ask the venue's onboarding",
    "invalid_request": "check the auth URL, the audience and the client id",
}
_SIGN_IN = "check client id, private key, auth URL and audience: all four belong to one environment"


def raise_for(answer: Answer, redactor: Redactor, now: datetime | None = None) -> None:
    """Return for a 2xx; else raise ``Refused``, ``NotSignedIn`` (401), ``ComeBackLater`` or ``Unreachable``."""
    status = answer.status
    if 200 <= status < 300:
        return
    _raise_unusable(answer, redactor, now)
    code, reason = _code(answer.body), said(answer.body, redactor)
    if status == 401:
        raise NotSignedIn(
            f"the venue accepts no token of ours: 401 {reason}".rstrip(),
            status=status,
            code=code,
            reason=reason,
            help=_SIGN_IN,
        )
    message = f"the venue refused: {status} {reason}".rstrip()
    raise Refused(message, status=status, code=code, reason=reason, help=_help(status, code, reason))


def raise_for_token(answer: Answer, redactor: Redactor, now: datetime | None = None) -> None:
    """The same for the token endpoint, whose errors are OAuth words."""
    if 200 <= answer.status < 300:
        return
    _raise_unusable(answer, redactor, now)
    body = answer.body if isinstance(answer.body, dict) else {}
    word = one_line(str(body.get("error", "")), redactor)
    reason = ": ".join(filter(None, (word, said(body.get("error_description", "") if word else answer.body, redactor))))
    message = f"no access token was given: {answer.status} {reason}".rstrip()
    raise NotSignedIn(message, status=answer.status, code=None, reason=reason, help=_BY_WORD.get(word, _SIGN_IN))


def said(body: object, redactor: Redactor) -> str:
    """The venue's own words: its ``message``, or a text body."""
    words = body.get("message", "") if isinstance(body, dict) else body
    return one_line(words, redactor) if isinstance(words, str) else ""


def one_line(text: str, redactor: Redactor) -> str:
    """On one line, without control characters, redacted and only then cut at 500."""
    printable = "".join(each if each.isprintable() else " " for each in redactor.text(text))
    words = " ".join(printable.split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def retry_after(value: str, now: datetime) -> float | None:
    """``Retry-After`` in seconds, from a number or an HTTP date; None if it is neither."""
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value.strip()):
        return float(value)
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def _raise_unusable(answer: Answer, redactor: Redactor, now: datetime | None) -> None:
    status, reason = answer.status, said(answer.body, redactor)
    wait = None
    if "retry-after" in answer.headers:
        wait = retry_after(answer.headers["retry-after"], now or datetime.now(UTC))
    if status == 429:
        raise ComeBackLater(f"the venue's rate limit is reached: 429 {reason}".rstrip(), retry_after=wait)
    if status < 200 or 300 <= status < 400:
        help = "a redirect is never followed: check the base URL and any proxy"
        raise Unreachable(f"the venue answered {status}, which is no answer", sent=True, status=status, help=help)
    if status >= 500:
        help = "the venue's status page: https://status.polymarketexchange.com"
        message = f"the venue is in trouble: {status} {reason}".rstrip()
        raise Unreachable(message, sent=True, status=status, retry_after=wait, help=help)


def _code(body: Any) -> int | None:
    code = body.get("code") if isinstance(body, dict) else None
    return code if isinstance(code, int) and not isinstance(code, bool) else None


def _help(status: int, code: int | None, reason: str) -> str:
    if status == 403:
        return _forbidden(reason)
    if status == 400 and code == 11:
        return "a number is out of range; a search wants a page size of 1 to 5000"
    return _BY_STATUS.get(status, "")


def _forbidden(reason: str) -> str:
    scope = re.search(r"scope ([\w:]+)", reason)
    if scope:
        return f"the token lacks the scope {scope[1]}: ask the venue to grant it to this client id"
    return (
        "give the participant exactly as onboarding gave it (--participant or PMX_PARTICIPANT_ID); its firm must be "
        "the participant firm of this client id, and the account must be its own"
    )
