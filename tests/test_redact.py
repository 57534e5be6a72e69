"""Secrets as a type, and the redactor behind it: nothing known leaves it, in any dress; what is no secret stays."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from leaks import _ESCAPES, _forms, leaks

from runner.redact import Redactor, Secret, masked_words

ODD = [
    'qu"ote\\and/slash',
    "spaces  and + plus % 100",
    "umläute ß 漢字 😀 end",
    "two\nlines\tand a tab",
    "<tag attr='x'>&amp;",
    "plain-token_value.eyJhbGciOi",
    "''''''\\\\\\\\",
]


@pytest.mark.parametrize("secret", ODD)
def test_every_form_is_masked(secret: str) -> None:
    """Plain, in hex, in base64 at each offset; each of them escaped never, once or twice, in the midst of a text."""
    redactor = Redactor([Secret(secret)])
    for form, name in _forms(secret).items():
        text = f"before [{form.decode(errors='surrogatepass')}] after"
        shown = redactor.text(text)
        assert not leaks(secret, shown.encode(errors="surrogatepass")), name
        assert shown.startswith("before [")
        assert shown.endswith("] after"), name


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    secret=st.text(st.characters(codec="utf-8"), min_size=6, max_size=20).filter(lambda text: len(text.strip()) > 5),
    escapes=st.lists(st.sampled_from(list(_ESCAPES.values())), max_size=2),
    before=st.text(st.characters(codec="utf-8"), max_size=10),
)
def test_any_secret_in_any_dress(secret: str, escapes: list[Callable[[str], str]], before: str) -> None:
    """What stands around a secret is escaped with it, as it is in a body that repeats a request."""
    text = f"{before}|{secret}|"
    for escape in escapes:
        text = escape(text)
    shown = Redactor([Secret(secret)]).text(text)
    for escape in escapes[-1:]:
        assert escape(secret) not in shown or escape(secret) in escape(before)
    assert "****" in shown


@pytest.mark.parametrize("width", [20, 64, 76])
@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\n    ", "\\n", "\\r\\n"])
def test_base64_that_is_broken_over_lines(width: int, line_break: str) -> None:
    """As PEM and mails have it, in a JSON text, too."""
    secret = "a secret that is long enough for three lines of base64, each of them with letters of it " * 2
    coded = base64.b64encode(f"user:{secret}".encode()).decode()
    text = line_break.join(coded[at : at + width] for at in range(0, len(coded), width))
    assert leaks(secret, text.encode())
    assert not leaks(secret, Redactor([Secret(secret)]).text(f"Basic {text} end").encode())


@pytest.mark.parametrize("secret", ["", "a", "1", "ab", "12345", " ", "\n", "     \n  "])
def test_what_is_too_short_makes_no_mush(secret: str) -> None:
    """A text is left as it is: the type alone keeps such a secret."""
    text = "a plain sentence\nwith 12345 letters, ab and all"
    assert Redactor([Secret(secret)]).text(text) == text


def test_a_header_is_read_as_latin_1() -> None:
    """What was sent in UTF-8 comes back as other letters."""
    secret = "umläute ß"
    assert Redactor([Secret(secret)]).text(f"x {secret.encode().decode('latin-1')} y") == "x **** y"


def test_the_longest_counts_first() -> None:
    """A secret inside a larger one leaves no rest of the larger one."""
    redactor = Redactor([Secret("inside"), Secret("around-inside-around")])
    assert redactor.text("x around-inside-around y inside z") == "x **** y **** z"


def test_the_longest_counts_first_in_disguise() -> None:
    """A secret that stands plainly in a larger one is no reason to leave the rest of that one, which is escaped."""
    redactor = Redactor([Secret("inside"), Secret('inside"and out')])
    assert redactor.text(r"x inside\"and out y") == "x **** y"
    lines = ["-----BEGIN PRIVATE KEY-----", "a" * 64, "b" * 64, "short-line", "-----END PRIVATE KEY-----", ""]
    assert "short-line" not in Redactor([Secret("\n".join(lines))]).text(r"\n".join(lines))


def test_plain_data_keys_included() -> None:
    """A mapping of any kind, lists, tuples and secrets; numbers stay numbers."""
    value = {"k-topsecret": ["topsecret", ("x", 5, None, True)], "s": Secret("anything")}
    assert Redactor([Secret("topsecret")]).value(value) == {"k-****": ["****", ["x", 5, None, True]], "s": "****"}


def test_each_line_of_a_key() -> None:
    """One line of a PEM alone in an output is a leak."""
    lines = ["-----BEGIN PRIVATE KEY-----", *(f"{n}" * 64 for n in "abc"), "-----END PRIVATE KEY-----"]
    assert Redactor([Secret("\n".join(lines))]).text(f"line {lines[2]}!") == "line ****!"


def test_tokens_pass() -> None:
    """A run of days has thousands of tokens: the last ones are known, and the searches stay few."""
    redactor = Redactor([Secret("lasting-secret")])
    for number in range(500):
        redactor.learn_passing(Secret(f"token-number-{number:03}"))
    assert redactor.text("token-number-499 token-number-470 lasting-secret") == "**** **** ****"
    assert len(redactor._forms) < 33 * 12


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("Lee", "Lee of Leeds, LEE", "**** of Leeds, LEE"),
        ("Zoë", "is Zoë there? Zoëlla", "is **** there? Zoëlla"),
        ("Li", "Li", "Li"),
        ("", "all stays", "all stays"),
        ("1234", "price 1234", "price 1234"),
        ("123456789", "ssn=123456789;", "ssn=****;"),
        ("Katherine", "x%4Batherine xKatherine", "x**** x****"),
        ("o'N", "the o'N family", "the **** family"),
    ],
)
def test_names_are_words(name: str, text: str, shown: str) -> None:
    """A short name is masked where it is a word of its own; one of two letters, or a short number, nowhere."""
    redactor = Redactor()
    redactor.learn_name(name)
    assert redactor.text(text) == shown


def test_words() -> None:
    """Whoever knows where to look masks the shortest ones, too."""
    assert masked_words("NY, NYC: 1234 or 12345", ["NY", "1234", ""]) == "****, NYC: **** or 12345"


def test_text_around_a_secret_makes_a_larger_one() -> None:
    """From either side; two secrets do not join."""
    larger = "Bearer " + Secret("abc") + "!"
    assert larger == Secret("Bearer abc!")
    assert f"{larger} {larger!r} {larger:>9}" == "**** Secret(****) ****"


REFUSED: dict[str, Callable[[Secret], object]] = {
    "len": lambda secret: len(secret),  # type: ignore[arg-type]
    "iteration": lambda secret: list(secret),  # type: ignore[call-overload]
    "index": lambda secret: secret[0],  # type: ignore[index]
    "in": lambda secret: "a" in secret,  # type: ignore[operator]
    "truth": bool,
    "less": lambda secret: secret < secret,  # type: ignore[operator]
    "number": lambda secret: int(secret),  # type: ignore[call-overload]
    "times": lambda secret: secret * 2,  # type: ignore[operator]
    "join": lambda secret: "".join([secret]),  # type: ignore[list-item]
    "plus a number": lambda secret: secret + 1,
    "plus a secret": lambda secret: secret + secret,
    "json": lambda secret: json.dumps(secret),
    "pickle": lambda secret: pickle.dumps(secret),
    "copy": lambda secret: copy.deepcopy(secret),
    "variables": lambda secret: vars(secret),
}


@pytest.mark.parametrize("operation", REFUSED)
def test_any_other_operation_is_refused(operation: str) -> None:
    """And the refusal does not show it."""
    with pytest.raises(TypeError) as caught:
        REFUSED[operation](Secret("hunter2-hunter2"))
    assert "hunter2" not in str(caught.value)


def test_runs_at_once_teach_one_redactor() -> None:
    """What one thread teaches is never lost by what another one teaches or asks meanwhile."""
    redactor = Redactor()
    secrets = [f"secret-{number:04} \\ of a thread" for number in range(60)]

    def teach(secret: str) -> None:
        redactor.learn(Secret(secret))
        redactor.learn_name(f"n{secret[7:11]}")
        assert secret not in redactor.text(f"a {secret} b")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(teach, secrets))
    shown = redactor.text(json.dumps([*secrets, *(f"n{secret[7:11]}" for secret in secrets)]))
    assert json.loads(shown) == ["****"] * 120
