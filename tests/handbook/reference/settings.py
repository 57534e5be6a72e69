"""The page of all settings: keys of pmx.yaml, environment variables, options."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from handbook.blocks import ROOT
from handbook.reference.writing import Schema, Schemas, code, fence, page, table
from runner.settings.layers import BUILT_IN_ENVIRONMENTS, VARIABLES

_FIRST = """\
Built in < `pmx.yaml` < environment variables < options: what stands further right wins. `pmx.yaml` is searched from the
playbook's folder upwards (a bundled playbook's: from the current one), or named by `--config`. `pmx-run doctor` shows
each value and where it came from. A `pmx.yaml` of another user, or one that others can write, is refused."""
_EXAMPLE = """\
environment: preprod
limits: {orders: 20, exposure: 50.00}
environments:
  preprod:
    client_id: your-client-id
    private_key_path: preprod_private_key.pem
    participant_id: firms/ISV-Participant-Acme/users/alice
    account: firms/ISV-Acme/accounts/main
    rates: {search_orders: 24/min}
"""
OPTIONS = {
    "environment": "--env",
    "participant_id": "--participant",
    "account": "--account",
    "state_dir": "--state-dir",
}
DEFAULTS = {
    "environment": "`sandbox`",
    "audience": "the base URL",
    "state_dir": "the platform's state directory, `pmx`",
    "reconcile_window": "`20s`",
    "resume_within": "`5m`",
    "retention": "`400`",
    "production": "decided by the host",
    "rates": "those of tier 1",
}
OTHERS = {
    "PMX_PRIVATE_KEY": "the private key itself (PEM), instead of a file; not both",
    "PMX_INPUT_<NAME>": "an input's value; the one way besides `--inputs` and a terminal for a secret one",
    "HTTPS_PROXY, HTTP_PROXY, NO_PROXY": "proxies, as every program reads them; small letters, too",
    "NO_COLOR": "no colours, as `--no-color`",
}


def text() -> str:
    """The page."""
    whole = json.loads((ROOT / "schemas/pmx.schema.json").read_text(encoding="utf-8"))
    schemas = Schemas(whole)
    keys = schemas.properties(whole["$defs"]["environment"])
    top = set(whole["properties"])
    rows = [
        (code(key), _where(key, top, keys), code(VARIABLES.get(key, "")), code(OPTIONS.get(key, "")), _default(key))
        for key in dict.fromkeys([*whole["properties"], *keys])
        if key != "environments"
    ]
    meanings = {**schemas.properties(whole), **keys}
    head = ("key", "stands", "variable", "option", "built in")
    groups = (
        ("Limits", "limits"), ("Limits of a day", "per_day"), ("Pins", "pins"), ("Schedules", "schedule"),
        ("Windows of a schedule", "window"),
    )  # fmt: skip
    return page(
        "Settings",
        _FIRST,
        fence("yaml", _EXAMPLE),
        table(head, rows),
        "## What each means",
        table(
            ("key", "value", "meaning"),
            ((code(key), schemas.kind(each), str(each["description"])) for key, each in meanings.items()),
        ),
        *(
            part
            for title, name in groups
            for part in (f"## {title}", table(("key", "value", "meaning"), schemas.rows(whole["$defs"][name])))
        ),
        *_channels(whole, schemas),
        "## Rates",
        "Below `rates`, a rate such as `12/min`, `30/s` or `off` for each of: "
        + ", ".join(code(name) for name in whole["$defs"]["rates"]["propertyNames"]["enum"])
        + ".",
        "## Other variables",
        table(
            ("variable", "meaning"), ((", ".join(map(code, name.split(", "))), told) for name, told in OTHERS.items())
        ),
    )


def _where(key: str, top: set[str], keys: Mapping[str, object]) -> str:
    places = [place for place, there in (("top", key in top), ("`environments.NAME`", key in keys)) if there]
    return ", ".join(places)


def _default(key: str) -> str:
    if key in DEFAULTS:
        return DEFAULTS[key]
    return ", ".join(f"{name}: `{each[key]}`" for name, each in BUILT_IN_ENVIRONMENTS.items() if key in each)


def _channels(whole: Schema, schemas: Schemas) -> Iterator[str]:
    """The kinds of channels of `notify`, each with its keys."""
    yield "## Notifications"
    yield "`notify` is a list of channels; each is one of these kinds."
    for name, schema in whole["$defs"].items():
        if name.startswith("channel_"):
            yield f"### {name.removeprefix('channel_').capitalize()}"
            yield table(("key", "value", "meaning"), schemas.rows(schema))
