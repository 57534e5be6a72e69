"""The actions that the tests of reading know."""

from __future__ import annotations

from typing import Literal

import pytest

from runner.playbook import tokens


class FewActions:
    names = frozenset(
        {"authenticate", "whoami", "list_instruments", "check_balance", "place_order", "cancel_order"}
        | {"search_orders", "wait", "set", "assert"}
    )

    def effect(self, name: str) -> Literal["reads", "changes"]:
        return "changes" if name in ("place_order", "cancel_order") else "reads"


@pytest.fixture(scope="session")
def known() -> FewActions:
    return FewActions()


@pytest.fixture(params=["fast", "slow"])
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """PyYAML's parser in C where it was built, and the one in Python."""
    if request.param == "slow":
        monkeypatch.setattr(tokens, "_fast_parser", tokens._slow_parser)
    return str(request.param)
