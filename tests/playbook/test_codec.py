"""A playbook kept as JSON and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runner.cli.playbooks import KnownActions
from runner.playbook.codec import from_plain, to_plain
from runner.playbook.load import Forgetful, load
from runner.playbook.model import Playbook
from runner.source import Source

PLAYBOOKS = Path(__file__).resolve().parents[2] / "playbooks"

EVERYTHING = """\
version: 1
name: everything
description: every key there is
inputs:
  text: {type: string, default: "", pattern: "a*"}
  exact: {type: decimal, default: "0.10", minimum: 0.01, maximum: 9}
  chosen: {type: integer, enum: [1, 2]}
  many: {type: list, default: [1, [x, null], {a: 0.5}]}
  map: {type: object, default: {b: {c: true}}}
  hidden: {type: string, secret: true}
limits: {orders: 2, exposure: 5.00, per_day: {orders: 9, exposure: 50.5}, symbols: ["a*"], environments: [sandbox]}
defaults: {timeout: 10s, retry: {attempts: 2, backoff: 1s}, on_failure: continue, severity: advisory}
allow_hosts: [example.com]
steps:
  - id: a
    title: "with {{ inputs.text }} and a \\"quote\\""
    help: |
      over
      lines {{ inputs.exact }}
    action: set
    when: inputs.exact > 0.05
    with: {x: [1, 0.5, null, true, "{{ inputs.chosen }}"], y: {z: text}}
    expect:
      - result.x[0] == 1
      - {check: result.y is defined, title: defined, help: look, severity: advisory}
    capture: {x: result.x}
    cleanup: {action: log, title: undone, when: true, with: {message: "{{ x }}"}, timeout: 5s}
  - id: b
    action: whoami
    participant: firms/F/users/u
    timeout: "{{ inputs.text }}"
    repeat: {until: result.firm != "", every: 1s, within: 1m}
  - id: each
    for_each: inputs.many
    as: one
    concurrency: 3
    action: log
    with: {message: "{{ one }} at {{ index }}"}
finally:
  - {id: listed, action: log, for_each: [1, "{{ x }}", {a: [null]}], with: {message: "{{ item }}"}}
  - {id: c, action: log, with: {message: end}}
outputs:
  x: x
"""


def read(text: str, path: str = "a.yaml") -> Playbook:
    return load(Source(path, text), KnownActions(), Forgetful())


@pytest.mark.parametrize(
    "text",
    [EVERYTHING, *(path.read_text(encoding="utf-8") for path in sorted(PLAYBOOKS.glob("*.yaml")))],
    ids=["everything", *(path.stem for path in sorted(PLAYBOOKS.glob("*.yaml")))],
)
def test_what_was_kept_comes_back(text: str) -> None:
    """Nothing is lost on the way through JSON: values, types, places, expressions."""
    playbook = read(text)
    plain = json.loads(json.dumps(to_plain(playbook)))
    assert from_plain(plain, playbook.source, Forgetful().parse) == playbook


def test_places_follow_the_file() -> None:
    """The same text under another path is told by that path."""
    plain = to_plain(read(EVERYTHING, "a.yaml"))
    assert from_plain(plain, Source("b.yaml", EVERYTHING), Forgetful().parse) == read(EVERYTHING, "b.yaml")


@pytest.mark.parametrize(
    "plain",
    [None, 1, "Playbook", [], ["Playbook"], ["Step", 1], ["os.system", "true"], ["Span", 1, 1, 1], ["Decimal", "x"]],
    ids=str,
)
def test_anything_else_is_refused(plain: Any) -> None:
    """A damaged file is told from a kept playbook."""
    with pytest.raises(ValueError, match="not a remembered playbook"):
        from_plain(plain, Source("a.yaml", ""), Forgetful().parse)
