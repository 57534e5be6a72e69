"""`pmx-run check` and `run` on any file whatever: a playbook, or a refusal that sends nothing; never a traceback."""

from __future__ import annotations

import contextlib
import copy
import io
import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runner.actions import BUILTIN
from runner.cli.main import dispatch
from runner.playbook.reader import read
from runner.playbook.schemas import schemas_folder
from runner.source import Source

ROOT = Path(__file__).parents[2]
REAL = [
    path.read_text(encoding="utf-8")
    for folder in ("playbooks", "tests/chaos/playbooks")
    for path in sorted((ROOT / folder).glob("*.yaml"))
]
WRONG = [path.read_bytes().decode("utf-8", "replace") for path in sorted(Path(__file__).parent.glob("wrong/*.yaml"))]
SCHEMA = json.loads((schemas_folder() / "playbook.schema.json").read_text(encoding="utf-8"))
OWNERS = [SCHEMA, *SCHEMA["$defs"].values()]
KEYS = sorted({key for each in OWNERS for key in each.get("properties", {})})
PIECES = (
    *(f"{key}: " for key in KEYS), *BUILTIN, "{{ inputs.a }}", "{{ steps.me.result }}", "result.x | length",
    "1h30m", "15s", "*a", "&a ", "<<: *a", "\n", "\n  ", "\n    - ", "- ", "[", "]", "{", "}", "'", '"', "#", " #",
    ": ", "|", ">", "!!str ", "! ", "~", "0.1", "1e400", "-1", "\t", "\x00", "\ufeff", "\u2028", "%YAML 1.1\n",
    "---\n", "...", "? ", "?",
)  # fmt: skip
WORDS = (
    *KEYS, *BUILTIN, "{{ inputs.a }}", "{{ x", "{% x %}", "1 +", "result.x == 1", "item", "index", "15s",
    "{{ item }}", "a.b.c", "uuid()", "none", "sandbox", "10m", "get", "/v1/health", "2", "(" * 70,
)  # fmt: skip

Tell: TypeAlias = "Callable[[bytes], str]"

leaves = st.one_of(
    *(st.none(), st.booleans(), st.integers(-5, 200), st.floats(allow_nan=False, allow_infinity=False)),
    *(st.text(max_size=8), st.sampled_from(WORDS)),
)
keys = st.one_of(st.sampled_from([*KEYS, *BUILTIN, "me", "a", "item"]), st.text(max_size=4))
trees = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


def plain(text: str) -> Any:
    """A real playbook as JSON has it, numbers as text: `json` writes no Decimals, and YAML reads these back."""
    return json.loads(json.dumps(read(Source("real.yaml", text)).plain(), default=float))


PARSED = [plain(text) for text in REAL]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container with each of its keys, however deep."""
    if isinstance(value, dict | list):
        for key, each in list(value.items() if isinstance(value, dict) else enumerate(value)):
            yield value, key
            yield from places(each)


@st.composite
def damaged_texts(draw: st.DrawFn) -> bytes:
    """A playbook, right or wrong, whose text a slip of the hand has changed in a few places."""
    text = draw(st.sampled_from([*REAL, *WRONG]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[start + draw(st.integers(0, 12)) :]
    return text.encode("utf-8", "surrogatepass")


@st.composite
def damaged_trees(draw: st.DrawFn) -> bytes:
    """A real playbook in which values are others, gone, or too many."""
    whole = copy.deepcopy(draw(st.sampled_from(PARSED)))
    for _ in range(draw(st.integers(1, 3))):
        found = [*places(whole)]
        if not found:
            break
        owner, key = draw(st.sampled_from(found))
        if draw(st.booleans()):
            owner[key] = draw(trees)
        elif isinstance(owner, dict):
            owner[draw(keys)] = draw(trees)
        else:
            owner.insert(key, draw(trees))
    return json.dumps(whole).encode()


@st.composite
def other_words(draw: st.DrawFn) -> bytes:
    """A real playbook in which texts are other texts: the schema has little to say, and names and types have."""
    whole = copy.deepcopy(draw(st.sampled_from(PARSED)))
    texts = [(owner, key) for owner, key in places(whole) if isinstance(owner[key], str) and key not in ("id", "name")]
    for _ in range(draw(st.integers(1, 3))):
        owner, key = draw(st.sampled_from(texts))
        others = st.sampled_from([*WORDS, *(owner[key] for owner, key in texts)])
        owner[key] = draw(others) if draw(st.booleans()) else owner[key] + draw(others)
    return json.dumps(whole).encode()


files = st.one_of(
    st.text(max_size=120).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=120),
    st.lists(st.sampled_from(PIECES), max_size=40).map("".join).map(str.encode),
    trees.map(lambda tree: json.dumps(tree).encode()),
    damaged_texts(),
    damaged_trees(),
    other_words(),
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tell]:
    """Writes a file, has it checked, and run if it is refused, at an address where nobody may knock."""
    folder = tmp_path_factory.mktemp("any")
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.MonkeyPatch.context() as patch:
        server.setblocking(False)
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        patch.setenv("PMX_ENV", "preprod")
        patch.setenv("PMX_BASE_URL", url)
        patch.setenv("PMX_AUTH_URL", f"{url}/oauth/token")
        patch.setenv("PMX_CLIENT_ID", "client")
        patch.setenv("PMX_PRIVATE_KEY", "never read")
        patch.setenv("PMX_PARTICIPANT_ID", "firms/f/users/u")
        patch.setenv("PMX_STATE_DIR", str(folder / "state"))

        def tell(content: bytes) -> str:
            path = folder / "any.yaml"
            path.write_bytes(content)
            code, out, err = _dispatched("check", str(path))
            assert code in {0, 2}, err
            assert out == ("" if code else f"ok: {path}\n")
            assert err.partition(" ")[0] in ({"error:"} if code else {"", "warning:"})
            if code == 2:
                assert _dispatched("run", str(path)) == (2, "", err)
            with pytest.raises(BlockingIOError):
                server.accept()
            return "refused" if code else "good"

        yield tell


def _dispatched(*words: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = dispatch([*words])
    return int(code), out.getvalue(), err.getvalue()


def _examples(count: int) -> settings:
    return settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )


def test_a_hundred_files(told: Tell) -> None:
    """A sample of the next one."""

    @_examples(100)
    @given(content=files)
    def each(content: bytes) -> None:
        told(content)

    each()


@pytest.mark.proof
def test_five_thousand_files(told: Tell, record_property: Callable[[str, object], None]) -> None:
    """Any text, any bytes, any tree of the language's keys, and real playbooks damaged: exit 0 or 2 and a picture, and
    `run` says of what is refused exactly the same, sending nothing."""
    counts: Counter[str] = Counter()

    @_examples(5_000)
    @given(content=files)
    def each(content: bytes) -> None:
        counts[told(content)] += 1

    each()
    assert counts.total() >= 5_000
    for name, count in sorted(counts.items()):
        record_property(name, count)
