"""What a run is taken up again with: kept when it begins, and made into its settings and plan once more."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from runner.actions import BUILTIN
from runner.address import shown
from runner.cli.bounds import bounds_of
from runner.cli.config import config_for
from runner.cli.memory import Memory
from runner.cli.playbooks import NOTHING, read
from runner.cli.remembering import remembering_folder
from runner.diagnostic import Diagnostic
from runner.errors import WrongInput
from runner.frozen import frozen
from runner.journal.store import Pinned, Run
from runner.plan import Plan, personal_inputs, rebuild
from runner.plan.inputs import Given, resolve_inputs
from runner.plan.selecting import ALL, Selection
from runner.playbook.including import KeptTexts, texts_to_plain
from runner.playbook.model import Input
from runner.record.codec import decode_value, encode_value
from runner.record.events import Event, Going, RunFinished, RunResumed
from runner.redact import Secret
from runner.settings import Options, Settings, resolve
from runner.source import Source


@frozen
class Prepared:
    """A run that may begin: its settings, its plan, and the folder from which its ``pmx.yaml`` was looked for.

    ``selection`` is what of its playbook the plan selects.
    """

    settings: Settings
    plan: Plan
    folder: Path
    selection: Selection = ALL


def pinned_of(prepared: Prepared, acting: Settings) -> Pinned:
    """What to keep of a run. Inputs that are secret, or tell of people, are not kept: they are read again.

    ``acting`` are its settings with the embedded exchange's, if there is one: kept to be shown, never to be used.
    """
    settings, plan, chosen = prepared.settings, prepared.plan, prepared.selection
    withheld = _withheld(plan)
    kept = {name: value for name, value in plan.inputs.items() if name not in withheld}
    inputs = {name: encode_value(value) for name, value in kept.items() if not isinstance(value, Secret)}
    data = {
        "path": plan.playbook.source.path,
        "inputs": inputs,
        "withheld": sorted(withheld),
        "selection": {"tags": chosen.tags, "skip_tags": chosen.skip_tags, "from": chosen.start},
        "environment": settings.environment.value,
        "embedded": settings.embedded,
        "folder": str(prepared.folder.resolve()),
        "config": str(settings.config.resolve()) if settings.config else None,
        "playbooks": texts_to_plain(plan.playbook),
        "settings": [(name, shown(str(each.value)), each.origin) for name, each in acting.shown()],
    }
    return Pinned(plan.sha256, plan.playbook.source.text, data)


def revived(run: Run, pinned: Pinned, given: Given, state_dir: str | None) -> Prepared:
    """A run's settings and plan, made of what was kept and of the credentials as they are now.

    An input that was not kept and is missing now stops the steps that need it, and nothing else. Raises
    ``WrongInput`` where the settings lead elsewhere than they did.
    """
    data: Mapping[str, Any] = pinned.data
    settings = settings_again(run, pinned, state_dir)
    _same_place(run, settings)
    memory = Memory(remembering_folder(settings), pinned.text)
    shelf = KeptTexts(data["playbooks"]) if "playbooks" in data else NOTHING
    playbook = read(Source(data["path"], pinned.text), memory, shelf)
    inputs = {name: decode_value(value) for name, value in data["inputs"].items()}
    inputs |= dict(_not_kept(playbook.inputs, data["withheld"], given))
    selection = _selection(data.get("selection", {}))
    plan = rebuild(playbook, BUILTIN, inputs, bounds_of(settings), memory, selection)
    return Prepared(settings, plan, Path(data["folder"]), selection)


def _selection(data: Mapping[str, Any]) -> Selection:
    """What was kept of one; all steps where nothing was."""
    return Selection(tuple(data.get("tags", ())), tuple(data.get("skip_tags", ())), data.get("from", ""))


def settings_again(run: Run, pinned: Pinned, state_dir: str | None) -> Settings:
    """A run's settings as its environment has them now. Raises ``WrongInput`` where something is missing."""
    data: Mapping[str, Any] = pinned.data
    options = Options(data["environment"], run.participant or None, run.account or None, state_dir)
    return resolve(config_for(Path(data["folder"]), data["config"]), os.environ, options)


def how_far(died: Run, events: Sequence[Event], within: float, now: datetime, *, ending: bool) -> Going:
    """How far a run is taken up: to its end only within ``within`` seconds of its last sign of life.

    One that had come to its end, or that was taken up too late before, never changes anything new.
    """
    before = [each.going for each in events if isinstance(each, RunResumed)]
    if ending or "ending" in before or any(isinstance(each, RunFinished) for each in events):
        return "ending"
    late = "late" in before or (now - died.last_at).total_seconds() > within
    return "late" if late else "on"


def _withheld(plan: Plan) -> frozenset[str]:
    """The inputs that tell of people and were handed in: a default stands in the playbook's text anyway."""
    declared = {each.name: each for each in plan.playbook.inputs}
    return frozenset(
        name
        for name in personal_inputs(plan)
        if not (declared[name].has_default and declared[name].default == plan.inputs.get(name))
    )


def _not_kept(declared: tuple[Input, ...], withheld: Sequence[str], given: Given) -> Iterator[tuple[str, object]]:
    """What is handed in once more; never a default: that would be another person."""
    for each in declared:
        if each.secret or each.name in withheld:
            wanted = replace(each, has_default=False)
            named = {name: value for name, value in given.file.items() if name == wanted.name}
            own = Given({}, named, given.file_name, given.environ)
            with contextlib.suppress(WrongInput):
                yield from resolve_inputs((wanted,), own).items()


def _same_place(run: Run, settings: Settings) -> None:
    base_url = settings.base_url.value if settings.base_url else ""
    if base_url != run.base_url:
        raise WrongInput(
            [
                Diagnostic(
                    f"run {run.run_id} acted at {run.base_url}, and the settings now lead to {base_url or 'nowhere'}",
                    help=f"give it the settings of environment `{run.environment}` as they were: base URL, credentials",
                )
            ]
        )
