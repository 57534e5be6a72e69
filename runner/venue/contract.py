"""The venue's contract: what each operation's request and answer must be, from ``schemas/venue/``.

A file is read when the first of its operations is used. Of an answer only what the runner's results promise is
required; the rest may be absent, null, new, or an enum word never seen before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from runner.playbook.schemas import schemas_folder
from runner.venue.checking import compiled
from runner.venue.operations import Operation
from runner.venue.problems import Check, Problem, Reading


def request_problems(operation: Operation, value: object) -> Sequence[Problem]:
    """What is wrong with a request's body, or with the query of one that has none. Nothing may be."""
    return _check(operation, "request")(value)


def answer_problems(operation: Operation, body: object) -> Sequence[Problem]:
    """What is odd about a 2xx answer's body, in either dialect; what is ``promised`` breaks the contract."""
    return _check(operation, "answer")(body)


@cache
def _check(operation: Operation, side: str) -> Check:
    """What checks one side of an operation; nothing is known of one that has no published form."""
    if not operation.family:
        return lambda _: ()
    return definition(f"#/$defs/{operation.name}_{side}", Reading(definition, operation.family, side == "answer"))


@cache
def definition(reference: str, reading: Reading) -> Check:
    """What a ``$ref`` names: in its own file, or in one beside it."""
    schema, home = located(reference, reading.home)
    return compiled(schema, replace(reading, home=home))


def located(reference: str, home: str) -> tuple[Any, str]:
    """The schema that a ``$ref`` in the file ``home`` names, and the file where it stands."""
    file, _, name = reference.partition("#/$defs/")
    home = file.removesuffix(".schema.json") or home
    return _file(home)["$defs"][name], home


@cache
def _file(family: str) -> Any:
    return json.loads((schemas_folder() / "venue" / f"{family}.schema.json").read_text(encoding="utf-8"))
