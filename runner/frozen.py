"""``@frozen``: a frozen, slotted dataclass that is quick to define and quick to make.

The standard decorator writes and compiles six methods for each class. There are some 130 of them, and that alone takes
a third of the time in which pmx-run starts; here each class gets one method of its own, ``__init__``, and shares the
others. ``dataclasses.fields``, ``dataclasses.replace``, ``copy`` and ``pickle`` work as ever.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, NoReturn, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: type[T]) -> type[T]:
    """Make the class one of plain data, whose objects never change: equal where all their fields are."""
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    own = fields(made)
    made.__init__ = _initialiser(made, own)
    made.__setattr__, made.__delattr__ = _refuse, _refuse
    made._values = staticmethod(attrgetter(*(each.name for each in own)) if own else _nothing)
    for name, method in _SHARED.items():
        if getattr(made, name) is getattr(object, name):
            setattr(made, name, method)
    return made  # type: ignore[no-any-return]


def _initialiser(cls: type, own: tuple[Field[Any], ...]) -> Any:
    """``__init__``: it sets each slot directly, past the ``__setattr__`` that refuses."""
    known: dict[str, Any] = {"MISSING": MISSING}
    parameters, lines = ["self"], []
    for each in own:
        name = each.name
        known[f"_set_{name}"] = getattr(cls, name).__set__
        if each.default_factory is not MISSING:
            known[f"_make_{name}"] = each.default_factory
            parameters.append(f"{name}=MISSING")
            lines.append(f"_set_{name}(self, _make_{name}() if {name} is MISSING else {name})")
            continue
        known[f"_default_{name}"] = each.default
        parameters.append(name if each.default is MISSING else f"{name}=_default_{name}")
        lines.append(f"_set_{name}(self, {name})")
    exec(f"def __init__({', '.join(parameters)}):\n  " + "\n  ".join(lines or ["pass"]), known)  # noqa: S102
    return known["__init__"]


def _nothing(_: object) -> tuple[()]:
    return ()


def _refuse(self: object, name: str, *_: object) -> NoReturn:
    raise FrozenInstanceError(f"`{name}` of a {type(self).__name__} never changes")


def _equal(self: Any, other: Any) -> Any:
    return self._values(self) == self._values(other) if type(other) is type(self) else NotImplemented


def _hash(self: Any) -> int:
    return hash(self._values(self))


def _shown(self: Any) -> str:
    shown = (f"{each.name}={getattr(self, each.name)!r}" for each in fields(self))
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _reduced(self: Any) -> tuple[type, tuple[object, ...]]:
    """How it is copied and sent to another process: it can't be filled in later."""
    return type(self), tuple(getattr(self, each.name) for each in fields(self))


_SHARED = {"__eq__": _equal, "__hash__": _hash, "__repr__": _shown, "__reduce__": _reduced}
