"""Actions that decide how a run goes on: asking a person, and performing another playbook in its midst."""

from __future__ import annotations

import math

from runner.action import Action, Arguments, Context, Observation
from runner.actions.shapes import record
from runner.redact import MASK, Secret
from runner.value import MAPPING, NAME, SECRET_TEXT, Argument

_STATUSES = ("passed", "failed", "errored", "refused", "in_doubt", "interrupted")


def _confirm(arguments: Arguments, context: Context) -> Observation:
    message = arguments["message"]
    answered = context.confirm(MASK if isinstance(message, Secret) else str(message))
    return Observation({}, answered)


def _run_playbook(_arguments: Arguments, context: Context) -> Observation:
    return context.include()


CONFIRM = Action(
    name="confirm",
    summary="Ask a person before going on",
    effect="reads",
    arguments={"message": Argument(SECRET_TEXT, "What is asked; only `y` or `yes` goes on", required=True)},
    result=record(),
    perform=_confirm,
    example="action: confirm\nwith: {message: 'Send the orders of {{ environment.name }}?'}",
    tried_again=False,
    timeout=600.0,
)

RUN_PLAYBOOK = Action(
    name="run_playbook",
    summary="Perform another playbook",
    effect="changes",
    arguments={
        "path": Argument(NAME, "The playbook's file, from this file's folder; written out", required=True),
        "inputs": Argument(MAPPING, "Values for its inputs by their names; those left out take their defaults"),
    },
    result=record(
        outputs={"type": "object", "description": "what the playbook's `outputs` came to"},
        status={"enum": list(_STATUSES), "description": "the word that it would have ended with alone"},
    ),
    perform=_run_playbook,
    example="action: run_playbook\nwith:\n  path: place-one.yaml\n  inputs: {price: 0.01}\nexpect:\n"
    '  - result.outputs.placed != ""',
    includes=True,
    timeout=math.inf,
)
