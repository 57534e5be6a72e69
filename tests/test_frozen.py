"""``@frozen`` against the standard decorator, whose promises it keeps."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError, field, fields, replace

import pytest

from runner.frozen import frozen


@frozen
class Place:
    """A place."""

    path: str
    line: int = 1


@frozen
class Marked(Place):
    """A place with marks."""

    marks: list[str] = field(default_factory=list)


@frozen
class Empty:
    """Nothing."""


@frozen
class Own:
    """Its own idea of being equal."""

    value: int

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


def test_nothing_of_it_ever_changes() -> None:
    """Neither a field nor anything else can be set or deleted."""
    place = Place("a", 2)
    with pytest.raises(FrozenInstanceError, match="`line` of a Place never changes"):
        place.line = 3  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        place.other = 3  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        del place.line
    assert place.line == 2


def test_it_has_no_room_for_anything_else() -> None:
    """Slots: an object is as small as its fields."""
    assert not hasattr(Place("a"), "__dict__")
    assert not hasattr(Marked("a"), "__dict__")


def test_equal_are_those_of_one_class_with_equal_fields() -> None:
    """A class that derives from another one is another class."""
    assert Place("a", 2) == Place("a", line=2)
    assert Place("a", 2) != Place("a", 3)
    assert Place("a") != Marked("a")
    assert Place("a") != object()
    assert Empty() == Empty()


def test_equal_ones_are_one_key() -> None:
    """They can stand in sets and as keys."""
    assert {Place("a"), Place("a", 1), Place("b")} == {Place("b"), Place("a")}
    assert len({Empty(), Empty()}) == 1


def test_what_a_class_says_itself_counts() -> None:
    """Methods written in the class are kept."""
    assert Own(1) == Own(2)
    assert hash(Own(3)) == 1


def test_each_object_gets_a_default_of_its_own() -> None:
    """``default_factory`` is called for each."""
    first, second = Marked("a"), Marked("a")
    first.marks.append("x")
    assert second.marks == []


def test_it_shows_its_fields() -> None:
    """As the standard decorator's classes do."""
    assert repr(Marked("a", 2, ["x"])) == "Marked(path='a', line=2, marks=['x'])"


def test_the_tools_for_dataclasses_work() -> None:
    """``fields``, ``replace`` and positional patterns."""
    assert [each.name for each in fields(Marked)] == ["path", "line", "marks"]
    assert replace(Place("a", 2), line=5) == Place("a", 5)
    match Place("a", 2):
        case Place(path, line):
            assert (path, line) == ("a", 2)


def test_a_missing_or_unknown_argument_is_refused() -> None:
    """With Python's own words."""
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'path'"):
        Place()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'column'"):
        Place("a", column=1)  # type: ignore[call-arg]


def test_it_can_be_copied_and_sent_to_another_process() -> None:
    """``copy`` and ``pickle`` make an equal one."""
    marked = Marked("a.yaml", 3, ["here"])
    assert pickle.loads(pickle.dumps(marked)) == copy.deepcopy(marked) == marked
    assert pickle.loads(pickle.dumps(Empty())) == Empty()
