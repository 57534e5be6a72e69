"""Health, whoami, users and accounts (docs.polymarket.us: institutional/accounts/overview)."""

from __future__ import annotations

from runner.sandbox.gateway.call import Call
from runner.sandbox.gateway.errors import denied
from runner.sandbox.gateway.wire import Tree


def health(_call: Call) -> Tree:
    """Whether the exchange answers at all."""
    return {"status": "ok"}


def whoami(call: Call) -> Tree:
    """The user a call acts for; without one, the client itself under its clearing firm.

    Real answers name the firm as a resource; the older quickstart page shows the bare name.
    """
    user, client = call.participant, call.client
    firm = user.firm if user else client.clearing_firm
    return {
        "user": user.name if user else f"firms/{firm}/users/{client.id}",
        "user_display_name": user.display_name if user else "API client",
        "firm": firm if not call.strict or call.setting.rules.whoami_firm == "bare" else f"firms/{firm}",
        "firm_display_name": "Acme",
        "audience": call.setting.audience,
        "firm_type": "FIRM_TYPE_PARTICIPANT" if user else "FIRM_TYPE_CLEARING_MEMBER",
    }


def users(call: Call) -> Tree:
    """The participants of the client's firm, as four parallel lists."""
    own = call.setting.directory.of_firm(call.client.firm)
    return {
        "users": [user.name for user in own],
        "display_names": [user.display_name for user in own],
        "firms": [f"firms/{user.firm}" for user in own],
        "firms_display_names": ["Acme" for _ in own],
    }


def accounts(call: Call) -> Tree:
    """Trading accounts as two parallel lists: of the user asked for, of the acting user, or of the whole firm.

    Whether the header is needed is contradictory in the documentation; here it is not.
    """
    own = [account for owner in _owners(call) for account in call.exchange.accounts_of(owner)]
    return {
        "accounts": [account.name for account in own],
        "display_names": [account.display_name for account in own],
    }


def _owners(call: Call) -> list[str]:
    firm = [user.name for user in call.setting.directory.of_firm(call.client.firm)]
    asked = call.fields.text("user") or (call.participant.name if call.participant else "")
    if not asked:
        return firm
    if asked not in firm:
        raise denied("cross-firm access")
    return [asked]
