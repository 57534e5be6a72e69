"""Every wrong playbook under ``wrong/`` is refused with exactly the picture in the text file beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runner.errors import WrongInput
from runner.playbook.load import Actions, Forgetful, load
from runner.playbook.reader import decode

FOLDER = Path(__file__).parent / "wrong"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_wrong_playbook_is_refused_with_its_picture(
    path: Path, known: Actions, golden: Callable[[Path, str], None]
) -> None:
    """All problems are shown at once, each with its place, what is wrong and what to do."""
    with pytest.raises(WrongInput) as refused:
        load(decode(f"wrong/{path.name}", path.read_bytes()), known, Forgetful())
    golden(path.with_suffix(".txt"), str(refused.value) + "\n")
