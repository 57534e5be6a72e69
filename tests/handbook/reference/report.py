"""The page of the JSON report, from its schema."""

from __future__ import annotations

import json

from handbook.blocks import ROOT
from handbook.reference.writing import Schemas, fence, page, table

_FIRST = """\
`--report json=PATH` writes it, `json=-` to stdout; `{playbook}` in a path stands for the playbook's name. Decimals are
texts, times ISO 8601 with their zone. `version` is 1: fields may be added, none goes or changes its meaning. Several
playbooks give `{"version": 1, "runs": [...]}`. A run that ends with 2 writes none. `pmx-run schema report` prints
the schema."""


def text() -> str:
    """The page."""
    whole = json.loads((ROOT / "schemas/report.schema.json").read_text(encoding="utf-8"))
    schemas, parts = Schemas(whole), []
    for name in ("run", *sorted(key for key in whole["$defs"] if key not in {"run", "runs"})):
        if "properties" in whole["$defs"][name]:
            rows = [
                (key, kind.removesuffix(", required"), told) for key, kind, told in schemas.rows(whole["$defs"][name])
            ]
            parts += [f"## {name.replace('_', ' ').capitalize()}", table(("field", "value", "meaning"), rows)]
    return page("JSON report", _FIRST, fence("sh", "pmx-run quickstart --report json=report.json"), *parts)
