"""From a person to a user: asked for once, waited for as long as it takes, and told what to do where it ends."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from engine.conftest import Worlds
from engine.exchange import TOKEN, Fault, late, lost_after, lost_before, says, unconnected
from engine.people import PERSON, START, STATUS, onboard
from engine.world import Ran, World, playbook

from runner.actions import BUILTIN
from runner.sandbox.gateway.dialect import PUBLISHED, SEED, Dialect

USER = "firms/ISV-Participant-Acme/users/user-1"
RESULT = "capture: {made: result}"
CONTRACT = json.loads((Path(__file__).parents[2] / "schemas/venue/kyc.schema.json").read_text())["$defs"]


def made(ran: Ran, id: str = "user") -> Any:
    return ran.captured(id)["made"]


def helped(ran: Ran, id: str = "user") -> str:
    finished = ran.step(id).finished
    assert finished is not None
    assert finished.error is not None
    return finished.error.help


def in_review(passing: Any) -> Any:
    return says(200, {"status": {"decision": "", "status": "OPEN"}})(passing)


@pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])
def test_create_user(dialect: Dialect, worlds: Worlds) -> None:
    """Asked for once, then read until participant and account are there."""
    world = worlds(dialect=dialect)
    ran = world.run(playbook(onboard(more=RESULT)))
    assert ran.exit_code == 0, ran.error("user")
    got = made(ran)
    assert (got["decision"], got["status"], got["participant_id"]) == ("ACCEPT", "CLOSED", USER)
    assert got["account"].startswith("firms/ISV-Acme/accounts/")
    assert got["document_verification"] is None
    assert (world.wire.count(START), world.wire.count(STATUS)) == (1, 1)
    assert world.wire.of(START)[0].body == PERSON
    assert all("x-participant-id" not in each.headers for each in world.wire.asked)


def test_start_and_check(world: World) -> None:
    """The one does not wait, the other reads: participant and account are empty until they are there."""
    wait = "  - {id: later, action: check_kyc, with: {external_id: user-1}, capture: {told: result}, "
    wait += 'repeat: {until: result.account != "", every: 1s, within: 10s}}\n'
    ran = world.run(playbook(onboard("start_kyc", more=RESULT) + wait))
    assert ran.exit_code == 0
    assert (made(ran)["status"], made(ran)["participant_id"], made(ran)["account"]) == ("ON_HOLD", "", "")
    assert ran.captured("later")["told"]["participant_id"] == USER


@pytest.mark.parametrize("dialect", [PUBLISHED, SEED], ids=["published", "seed"])
def test_one_who_exists(dialect: Dialect, worlds: Worlds) -> None:
    """Is as good as new: the same participant and account, and nobody is checked twice."""
    world = worlds(dialect=dialect)
    again = onboard(id="again", more="capture: {second: result}")
    ran = world.run(playbook(onboard(more=RESULT) + again))
    assert ran.exit_code == 0
    assert ran.captured("again")["second"]["account"] == made(ran)["account"]
    assert world.wire.count(STATUS) == 2


ENDINGS: dict[str, tuple[dict[str, Any], str, str]] = {
    "rejected": (
        {"email": "reject@example.com"},
        "the venue declined the person (`user-1`): REJECT, CLOSED, Reject",
        "kyc.rejected",
    ),
    "review": (
        {"first_name": "Paulina", "last_name": "Gizela"},
        "the venue has put the person into manual review (`user-1`): REVIEW, OPEN, In Review",
        "ask with `check_kyc`",
    ),
    "documents": (
        {"docv_eligible": True, "date_of_birth": "1985-09-02"},
        "the venue waits for documents of `user-1`: REVIEW, ON_HOLD, Document Request Initiated",
        "result.document_verification.url",
    ),
    "rejected at once": (
        {"docv_eligible": True, "date_of_birth": "1985-09-04"},
        "the venue declined the person (`user-1`): REJECT, CLOSED, Reject",
        "nothing is provisioned",
    ),
}


@pytest.mark.parametrize(("changes", "message", "help"), ENDINGS.values(), ids=ENDINGS)
def test_where_it_ends(changes: dict[str, Any], message: str, help: str, world: World) -> None:
    """A decision that leads to no user fails the step at once, with the venue's words and what to do next."""
    ran = world.run(playbook(onboard(more=RESULT, **changes)))
    assert (ran.exit_code, ran.statuses()) == (1, {"user": "failed"})
    assert ran.error("user") == message
    assert help in helped(ran)
    assert world.clock.moved < 1
    assert made(ran)["participant_id"] == ""


def test_documents_can_be_handed_over(world: World) -> None:
    """The link to upload by is there for a later step, and shown nowhere."""
    world.wire.always["POST /x"] = says(200, {"fine": True})
    more = f"{RESULT}\non_failure: continue"
    send = (
        '  - {id: send, action: http, with: {method: POST, url: "https://desk.example/x", '
        'body: {link: "{{ any(made.document_verification).url }}"}}}\n'
    )
    steps = onboard(more=more, docv_eligible=True, date_of_birth="1985-09-02") + send
    ran = world.run(playbook(steps, head="allow_hosts: [desk.example]"))
    assert ran.statuses() == {"user": "failed", "send": "passed"}
    assert world.wire.of("POST /x")[0].body["link"].startswith("https://verify.example.com/")
    assert set(made(ran)["document_verification"].values()) >= {"****"}
    assert "verify.example.com" not in repr(ran.events)


UNCERTAIN: dict[str, Fault] = {"answer lost": lost_after, "500": late(500), "503": late(503), "307": late(307)}


@pytest.mark.parametrize("action", ["start_kyc", "create_user"])
@pytest.mark.parametrize("fault", UNCERTAIN.values(), ids=UNCERTAIN)
def test_an_answer_that_is_lost(fault: Fault, action: str, world: World) -> None:
    """The status by our own id settles it; the person is sent once."""
    world.wire.plan(START, fault)
    ran = world.run(playbook(onboard(action, more=RESULT)))
    assert (ran.exit_code, world.wire.count(START)) == (0, 1)
    assert made(ran)["decision"] == "ACCEPT"


def test_a_status_that_comes_late(world: World) -> None:
    """The venue need not know at once what it was told, nor answer each time."""
    world.wire.plan(START, lost_after)
    world.wire.plan(STATUS, says(404), lost_before, says(503))
    ran = world.run(playbook(onboard("start_kyc", more=RESULT)))
    assert (ran.exit_code, world.wire.count(START), world.wire.count(STATUS)) == (0, 1, 4)


@pytest.mark.parametrize(("fault", "said"), [(None, "the venue does not know it"), (says(503), "does not answer")])
def test_what_can_not_be_settled(fault: Fault | None, said: str, world: World) -> None:
    """Errored, nothing is sent again, and a person is told; the window is waited for."""
    world.wire.plan(START, lost_before)
    if fault is not None:
        world.wire.always[STATUS] = fault
    ran = world.run(playbook(onboard()))
    assert (ran.exit_code, world.wire.count(START)) == (3, 1)
    assert said in ran.error("user")
    assert "it is not sent again by itself" in helped(ran)
    assert 20 <= world.clock.moved < 30


def test_a_status_that_is_refused(world: World) -> None:
    """Who may not read can't settle anything: that is what is told."""
    world.wire.plan(START, lost_before)
    world.wire.always[STATUS] = says(403, {"code": 7, "message": "missing required scope read:kyc"})
    ran = world.run(playbook(onboard()))
    assert (ran.exit_code, world.wire.count(START), world.wire.count(STATUS)) == (1, 1, 1)
    assert "the token lacks the scope read:kyc" in helped(ran)


def test_what_was_not_carried_out(world: World) -> None:
    """After a 429 it is sent once more; what never left is an error, and nothing is asked for."""
    world.wire.plan(START, says(429, retry_after="3"))
    assert world.run(playbook(onboard())).exit_code == 0
    assert world.wire.of(START)[1].at - world.wire.of(START)[0].at >= 3
    world.wire.plan(START, unconnected)
    ran = world.run(playbook(onboard(external_id="user-2")))
    assert (ran.exit_code, ran.error("user")) == (3, "could not connect")
    assert world.wire.count(START) == 3


def test_a_refusal(world: World) -> None:
    """What the venue refuses fails the step, and nothing is asked for."""
    ran = world.run(playbook(onboard(email="nobody")))
    assert (ran.exit_code, ran.statuses()) == (1, {"user": "failed"})
    assert ran.error("user") == "the venue refused: 400 invalid email"
    assert world.wire.count(STATUS) == 0


def test_pace_of_looking(world: World) -> None:
    """A second, then slower, five seconds at last; an answer that does not come is no end of it."""
    world.wire.plan(STATUS, in_review, lost_before, in_review, says(429, retry_after="7"), in_review)
    ran = world.run(playbook(onboard()))
    assert ran.exit_code == 0
    at = [round(each.at - world.wire.of(START)[0].at) for each in world.wire.of(STATUS)]
    assert at == [1, 2, 4, 9, 21, 26]


PARTLY = {
    "nothing": ({}, "has no participant and no account yet"),
    "participant alone": ({"participantId": USER}, "has no account yet"),
    "account alone": ({"provisionedAccount": "firms/F/accounts/A"}, "has no participant yet"),
    "word never seen": ({"status": {"decision": "PONDERING"}}, "has no participant and no account yet: PONDERING"),
}


@pytest.mark.parametrize(("answer", "said"), PARTLY.values(), ids=PARTLY)
def test_provisioning_that_never_ends(answer: dict[str, Any], said: str, world: World) -> None:
    """The step fails when its time is over; what is there already is in its result."""
    world.wire.always[STATUS] = says(200, {"status": {"decision": "ACCEPT"}} | answer)
    ran = world.run(playbook(onboard(more=f"{RESULT}\ntimeout: 30s")))
    assert (ran.exit_code, ran.statuses()) == (1, {"user": "failed"})
    assert said in ran.error("user")
    assert 20 < world.clock.moved < 31
    assert made(ran)["participant_id"] == answer.get("participantId", "")


def test_the_default_time_is_long_enough(world: World) -> None:
    """Five minutes, without anything said."""
    world.wire.always[STATUS] = in_review
    world.run(playbook(onboard()))
    assert 290 < world.clock.moved < 301


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "number": (
        {"phone_number": 12125550123},
        "argument `phone_number`: a text that is not empty is wanted; in YAML it stands in quotes",
    ),
    "empty": ({"first_name": ""}, "argument `first_name`: a text that is not empty is wanted"),
    "no mapping": ({"address": "1 Elm Row"}, "argument `address`: a mapping is wanted, with address_line_1"),
    "missing": ({"address": {"city": "Albany"}}, "argument `address`: `address_line_1` is missing"),
    "unknown": ({"address": dict(PERSON["address"], zip="12207")}, "argument `address`: `zip` is none of"),
    "inside": ({"address": dict(PERSON["address"], city=7)}, "argument `address`: `city`: a text that is not empty"),
    "id": ({"external_id": "x" * 50}, "argument `external_id`: at most 49 characters are wanted, not 50"),
    "time": (
        {"agreement": {"version": "v", "signed_at": "2026-11-22T11:00:00"}},
        'argument `agreement`: `signed_at`: "2026-11-22T11:00:00" has no time zone',
    ),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG)
def test_wrong_arguments(changes: dict[str, Any], said: str, world: World) -> None:
    """What is known only in the run is refused before anything is sent, and what tells who somebody is isn't shown."""
    (name, value), *_ = changes.items()
    head = f"inputs:\n  {name}: {{type: {kind(value)}, default: {json.dumps(value)}}}"
    steps = onboard(**{name: f"{{{{ any(inputs.{name}) }}}}"})
    ran = world.run(playbook(steps, head=head))
    assert (ran.exit_code, world.wire.asked) == (3, [])
    assert said in ran.error("user")
    assert "Albany" not in ran.error("user")
    assert "1212" not in ran.error("user")


def kind(value: object) -> str:
    return {str: "string", int: "integer", dict: "object"}[type(value)]


def test_times_of_an_agreement(world: World) -> None:
    """A time that an expression gives goes out as the venue writes times."""
    step = onboard(agreement={"version": "v", "signed_at": "{{ run.started_at }}"})
    assert world.run(playbook(step)).exit_code == 0
    assert world.wire.of(START)[0].body["agreement"]["signed_at"] == "2026-11-22T12:00:00Z"


@pytest.mark.parametrize("name", ["start_kyc", "create_user"])
def test_arguments_are_those_of_the_contract(name: str) -> None:
    """The same names, the same that are required, and personal is what the contract marks, inside of it too."""
    request, declared = CONTRACT["kyc_start_request"], BUILTIN[name].arguments
    assert declared.keys() == request["properties"].keys()
    assert {each for each, argument in declared.items() if argument.required} == set(request["required"])
    assert {each for each, argument in declared.items() if argument.personal} == {
        each for each, schema in request["properties"].items() if "x-personal" in json.dumps(resolved(schema))
    }


def resolved(schema: dict[str, Any]) -> Any:
    reference = schema.get("$ref", "")
    return CONTRACT[reference.rpartition("/")[2]] if reference.startswith("#") else schema


@pytest.mark.parametrize("fault", [lost_before, says(503), says(429)], ids=["lost", "503", "429"])
def test_a_status_that_can_t_be_asked(fault: Fault, world: World) -> None:
    """Whether the person is a user by now is not known then: errored, exit 3, which is not "not yet"."""
    world.wire.always[STATUS] = fault
    ran = world.run(playbook(onboard(more="timeout: 20s")))
    assert (ran.exit_code, ran.statuses(), world.wire.count(START)) == (3, {"user": "errored"}, 1)
    assert ran.error("user").startswith("whether `user-1` is a user by now could not be asked: ")


@pytest.mark.parametrize(
    "fault", [lost_before, unconnected, says(503), says(429)], ids=["lost", "unconnected", "503", "429"]
)
def test_a_token_that_comes_late(fault: Fault, world: World) -> None:
    """Nothing was sent without one: it is asked for three times, and the person is checked once."""
    world.wire.plan(TOKEN, fault, fault)
    ran = world.run(playbook(onboard()))
    assert (ran.exit_code, world.wire.count(TOKEN), world.wire.count(START)) == (0, 3, 1)
