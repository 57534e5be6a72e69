"""`pmx-run schema`: one document that other validators understand, and that says what our own validator says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from engine.world import playbook
from plan.test_loops import HEAD, ODD

from runner.cli.main import dispatch
from runner.cli.playbooks import KnownActions
from runner.cli.schema import SCHEMAS
from runner.errors import WrongInput
from runner.playbook.bundling import bundled
from runner.playbook.complaints import Complaints
from runner.playbook.load import check_schemas
from runner.playbook.nodes import Node
from runner.playbook.reader import decode, read
from runner.source import Source

ROOT = Path(__file__).parents[2]
AJV = ROOT / ".ajv" / "node_modules" / "ajv"
WRONG = sorted((Path(__file__).parent / "wrong").glob("*.yaml"))
RIGHT = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "playbooks").glob("*.yaml"))}
RIGHT |= {name: playbook(steps, head=HEAD) for name, steps in ODD.items()}
KNOWN = KnownActions()
BUNDLE = bundled(SCHEMAS["playbook"])


def plain(value: Any) -> Any:
    """What an editor makes of the same text: numbers as JSON has them."""
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case Decimal():
            return float(value)
    return value


def read_all() -> Iterator[tuple[str, Node]]:
    """Every wrong playbook that is YAML."""
    for path in WRONG:
        try:
            yield path.stem, read(decode(path.name, path.read_bytes()))
        except WrongInput:
            continue


READ = dict(read_all())


def ours(root: Node) -> bool:
    """Whether our own validator has nothing to say, and every action is one."""
    complaints = Complaints(Source("any.yaml", ""))
    check_schemas(root, KNOWN, complaints)
    return not complaints.found and all(action in KNOWN.names for action in actions_in(root.plain()))


def actions_in(value: Any) -> Iterator[str]:
    """The action of every step and every cleanup, whatever stands around them."""
    steps = [*value.get("steps", []), *value.get("finally", [])]
    cleanups = [step.get("cleanup", []) for step in steps if isinstance(step, dict)]
    steps += [each for cleanup in cleanups for each in (cleanup if isinstance(cleanup, list) else [cleanup])]
    yield from (step["action"] for step in steps if isinstance(step, dict) and "action" in step)


def ajv(values: list[Any]) -> list[bool]:
    """The verdicts of the validator that editors are built on."""
    program = """
      const {default: Ajv} = require(process.argv[1] + "/dist/2020.js");
      const {schema, values} = JSON.parse(require("fs").readFileSync(0, "utf8"));
      const validate = new Ajv({strict: false, validateFormats: false}).compile(schema);
      console.log(JSON.stringify(values.map((value) => validate(value))));
    """
    handed = json.dumps({"schema": BUNDLE, "values": values})
    done = subprocess.run(["node", "-e", program, str(AJV)], input=handed, capture_output=True, text=True, check=True)
    verdicts: list[bool] = json.loads(done.stdout)
    return verdicts


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_document_needs_no_other(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is a schema of its draft, and every reference points into itself; two validators say so."""
    assert dispatch(["schema", name]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(document)
    assert jsonschema_rs.meta.is_valid(document)
    for reference in references(document):
        found = document
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
    assert len(json.dumps(document)) < 200_000


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        schema = list(schema.values())
    if isinstance(schema, list):
        for each in schema:
            yield from references(each)


def test_the_playbook_is_what_is_printed_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a word it is the one that most people want."""
    assert dispatch(["schema"]) == 0
    assert json.loads(capsys.readouterr().out) == BUNDLE


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_playbook_is_accepted(name: str) -> None:
    """Each that comes along, and each odd one that is right all the same."""
    value = plain(read(Source(name, RIGHT[name])).plain())
    jsonschema_rs.Draft202012Validator(BUNDLE).validate(value)
    jsonschema.Draft202012Validator(BUNDLE).validate(value)


@pytest.mark.parametrize("name", READ)
def test_the_same_verdict_as_our_own(name: str) -> None:
    """A mistake of the schema's kind is one for every validator, and no other mistake is."""
    value = plain(READ[name].plain())
    expected = ours(READ[name])
    assert jsonschema_rs.Draft202012Validator(BUNDLE).is_valid(value) is expected
    assert jsonschema.Draft202012Validator(BUNDLE).is_valid(value) is expected


def made(step: dict[str, Any] | None = None, **keys: Any) -> dict[str, Any]:
    return {"version": 1, "name": "x", "steps": [{"id": "a", "action": "whoami", **(step or {})}], **keys}


ALIKE = {
    "right": (made(), True),
    "tags": (made({"tags": ["a", "b.c-d_e"]}, tags=["0"]), True),
    "a tag twice": (made(tags=["a", "a"]), False),
    "a tag in capitals": (made({"tags": ["A"]}), False),
    "a line end behind a name": (made(name="x\n"), False),
    "a line end behind a tag": (made(tags=["a\n"]), False),
    "a line end behind an id": (made({"id": "a\n"}), False),
    "a line end behind a duration": (made({"timeout": "5s\n"}), False),
    "a line end behind a capture": (made({"capture": {"b\n": "result"}}), False),
    "a line end behind an input": (made(inputs={"b\n": {"type": "string"}}), False),
    "a line end behind an item's name": (made({"for_each": [1], "as": "b\n"}), False),
    "digits of another script": (made({"timeout": "\u0663s"}), False),
    "letters of another script": (made(name="\u00e9"), False),
    "too long a name": (made(name="x" * 101), False),
    "a text for a list": (made(tags="a"), False),
    "no such word": (made({"severity": "high"}), False),
    "a number too small": (made({"retry": {"attempts": 0}}), False),
    "an unknown key deep inside": (made({"repeat": {"until": "a", "evry": "1s"}}), False),
    "a missing argument": (made({"action": "cancel_order"}), False),
    "an unknown argument": (made({"with": {"x": 1}}), False),
    "an argument of a cleanup": (made({"cleanup": {"action": "cancel_order", "with": {}}}), False),
    "a step of finally": (made() | {"finally": [{"id": "b"}]}, False),
}


@pytest.mark.parametrize(("value", "right"), ALIKE.values(), ids=ALIKE)
def test_a_second_validator_says_the_same(value: dict[str, Any], right: bool) -> None:
    """Also where the regular expressions of two languages differ."""
    assert jsonschema_rs.Draft202012Validator(BUNDLE).is_valid(value) is right
    assert ours(read(Source("made.yaml", json.dumps(value)))) is right


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("**/*.schema.json")), ids=lambda path: path.name)
def test_every_file_is_a_schema(path: Path) -> None:
    """For the second validator, too."""
    assert jsonschema_rs.meta.is_valid(json.loads(path.read_text(encoding="utf-8")))


def test_many_are_refused() -> None:
    """The collection has enough mistakes of the schema's kind to compare by."""
    assert sum(not ours(root) for root in READ.values()) >= 25


@pytest.mark.skipif(not (AJV.is_dir() and shutil.which("node")), reason="`make ajv` installs it")
def test_the_same_verdict_in_an_editor() -> None:
    """The validator of JavaScript, on all of them."""
    roots = READ | {name: read(Source(name, text)) for name, text in RIGHT.items()}
    verdicts = ajv([plain(root.plain()) for root in roots.values()])
    assert dict(zip(roots, verdicts, strict=True)) == {name: ours(root) for name, root in roots.items()}
