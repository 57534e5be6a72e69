"""Evidence of a run: whatever is done to it afterwards is found, and named, with the public key alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jwt
import pytest

from reporters.made import STARTED, begun, call, ended, finished
from runner.record.events import Event
from runner.redact import Redactor, Secret
from runner.reporters.evidence.chain import CONTEXT, beginning, canonical, digest
from runner.reporters.evidence.folder import Material, evidence, put
from runner.reporters.evidence.signature import is_signed, signed
from runner.reporters.evidence.verifying import found_in, verified

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

CALLS = 5


@cache
def key(name: str) -> RSAPrivateKey:
    """One for each name."""
    from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

    return generate_private_key(65537, 2048)


def events(run_id: str = "run-1") -> list[Event]:
    from dataclasses import replace

    calls = [call("me", url=f"/v1/whoami?n={number}", at=number) for number in range(CALLS)]
    return [replace(STARTED, run_id=run_id), begun("me"), *calls, ended("me"), finished()]


def files(run_id: str = "run-1", redactor: Redactor | None = None, signer: str = "ours") -> dict[str, bytes]:
    material = Material(events(run_id), {"first.yaml": "version: 1\n"}, [("environment", "preprod", "--env")])
    return evidence(material, redactor or Redactor(), key(signer))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put(tmp_path / "evidence", files())
    return tmp_path / "evidence"


def wrong(folder: Path, signer: str = "ours") -> list[str]:
    return verified(found_in(folder), key(signer).public_key())


def test_untouched_evidence_is_fine(folder: Path) -> None:
    """Every file is there, and nothing is said against it."""
    assert wrong(folder) == []
    assert sorted(path.name for path in folder.iterdir()) == [
        *("entries.jsonl", "manifest.json", "manifest.sig", "playbooks"),
        *("report.html", "report.json", "report.md", "settings.json", "versions.json"),
    ]


def lines(folder: Path) -> list[bytes]:
    return (folder / "entries.jsonl").read_bytes().splitlines()


def write(folder: Path, entries: list[bytes]) -> None:
    (folder / "entries.jsonl").write_bytes(b"".join(each + b"\n" for each in entries))


def change_a_call(folder: Path) -> None:
    entries = lines(folder)
    entries[2] = entries[2].replace(b'"status":200', b'"status":201')
    write(folder, entries)


def change_the_last_call(folder: Path) -> None:
    entries = lines(folder)
    entries[-1] = entries[-1].replace(b'"status":200', b'"status":201')
    write(folder, entries)


def remove_a_call(folder: Path) -> None:
    write(folder, lines(folder)[:1] + lines(folder)[2:])


def remove_and_count_anew(folder: Path) -> None:
    kept = [json.loads(each) for number, each in enumerate(lines(folder)) if number != 1]
    write(folder, [canonical({**each, "n": number}) for number, each in enumerate(kept, start=1)])


def make_the_chain_anew(folder: Path) -> None:
    before, entries = beginning("run-1"), []
    for each in map(json.loads, lines(folder)):
        entries.append(canonical({**each, "previous": before, "call": {**each["call"], "status": 201}}))
        before = digest(entries[-1])
    write(folder, entries)


def add_a_call(folder: Path) -> None:
    last = lines(folder)[-1]
    data = {**json.loads(last), "n": CALLS + 1, "previous": digest(last)}
    write(folder, [*lines(folder), canonical(data)])


def repeat_a_call(folder: Path) -> None:
    write(folder, [*lines(folder)[:2], *lines(folder)[1:]])


def reorder_calls(folder: Path) -> None:
    first, second, *others = lines(folder)
    write(folder, [second, first, *others])


def cut_off_calls(folder: Path) -> None:
    write(folder, lines(folder)[:3])


def cut_off_half_a_line(folder: Path) -> None:
    path = folder / "entries.jsonl"
    path.write_bytes(path.read_bytes()[:-40])


def cut_off_the_last_end(folder: Path) -> None:
    path = folder / "entries.jsonl"
    path.write_bytes(path.read_bytes()[:-1])


def empty_the_calls(folder: Path) -> None:
    (folder / "entries.jsonl").write_bytes(b"")


def put_nonsense_between(folder: Path) -> None:
    write(folder, [*lines(folder)[:2], b"nonsense", *lines(folder)[2:]])


def put_an_empty_line_between(folder: Path) -> None:
    write(folder, [*lines(folder)[:2], b"", *lines(folder)[2:]])


def name_another_run(folder: Path) -> None:
    entries = lines(folder)
    entries[0] = entries[0].replace(b'"run-1"', b'"run-2"')
    write(folder, entries)


def take(folder: Path, *names: str, signer: str = "ours") -> None:
    """Files of another run, in the place of this one's."""
    other = files("run-2", signer=signer)
    for name in names:
        (folder / name).write_bytes(other[name])


def sign_anew(folder: Path) -> None:
    manifest = (folder / "manifest.json").read_bytes().replace(b'"participant": "firms', b'"participant": "farms')
    (folder / "manifest.json").write_bytes(manifest)
    (folder / "manifest.sig").write_bytes(signed(manifest, key("theirs")))


def edit(name: str, before: bytes, after: bytes) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = (folder / name).read_bytes()
        assert before in content
        (folder / name).write_bytes(content.replace(before, after, 1))

    return change


def link_out(folder: Path) -> None:
    text = (folder / "report.md").rename(folder.parent / "elsewhere.md")
    (folder / "report.md").symlink_to(text)


UNSIGNED = "changed: manifest.json or manifest.sig: the signature is not of this manifest by the key SHA256:"
OTHER_KEY = "signed by another key: the manifest names SHA256:"
TAMPERINGS: list[tuple[str, Callable[[Path], object], list[str]]] = [
    ("change a call", change_a_call, ["changed: call 3, or what call 4 says of it"]),
    ("change the last call", change_the_last_call, ["changed: call 5, or the chain up to it"]),
    ("remove a call", remove_a_call, ["removed: call 2"]),
    ("remove a call and count anew", remove_and_count_anew, ["cut off: the calls after 4", "changed: call 1, or"]),
    ("make the chain anew", make_the_chain_anew, ["changed: call 5, or the chain up to it was made anew"]),
    ("add a call", add_a_call, ["added: call 6; the manifest counts 5"]),
    ("repeat a call", repeat_a_call, ["added: call 2 a second time"]),
    ("reorder calls", reorder_calls, ["reordered: call 1 stands behind call 2"]),
    ("cut off calls", cut_off_calls, ["cut off: the calls after 3; the manifest counts 5"]),
    ("cut off half a line", cut_off_half_a_line, ["changed: line 5 of", "cut off: entries.jsonl ends in the middle"]),
    ("cut off the last end", cut_off_the_last_end, ["cut off: entries.jsonl ends in the middle"]),
    ("empty the calls", empty_the_calls, ["cut off: the calls after 0; the manifest counts 5"]),
    ("put nonsense between", put_nonsense_between, ["changed: line 3 of entries.jsonl is no call"]),
    ("put an empty line between", put_an_empty_line_between, ["changed: line 3 of entries.jsonl is no call"]),
    ("name another run", name_another_run, ["of another run: call 1 is of run-2", "changed: call 1, or"]),
    ("remove the calls", lambda folder: (folder / "entries.jsonl").unlink(), ["removed: entries.jsonl"]),
    ("remove the manifest", lambda folder: (folder / "manifest.json").unlink(), ["removed: manifest.json"]),
    ("remove the signature", lambda folder: (folder / "manifest.sig").unlink(), ["removed: manifest.sig"]),
    ("remove a file", lambda folder: (folder / "report.md").unlink(), ["removed: report.md"]),
    ("add a file", lambda folder: (folder / "more.txt").write_text("x"), ["added: more.txt"]),
    ("add a file in a folder", lambda f: (f / "playbooks/b.yaml").write_text("x"), ["added: playbooks/b.yaml"]),
    ("put a link in a file's place", link_out, ["removed: report.md", "added: report.md (not a plain file)"]),
    ("change the report", edit("report.json", b'"passed"', b'"failed"'), ["changed: report.json"]),
    ("change the page", edit("report.html", b"</html>", b"</html> "), ["changed: report.html"]),
    ("change the playbook", edit("playbooks/first.yaml", b"1", b"2"), ["changed: playbooks/first.yaml"]),
    ("change a setting", edit("settings.json", b"preprod", b"sandbox"), ["changed: settings.json"]),
    ("change a version", edit("versions.json", b"0.1.0", b"0.1.1"), ["changed: versions.json"]),
    ("change the manifest", edit("manifest.json", b"preprod", b"sandbox"), [UNSIGNED]),
    ("break the manifest", edit("manifest.json", b"{", b""), ["changed: manifest.json can't be read any more"]),
    (
        "change its kind",
        edit("manifest.json", b"pmx-evidence/1", b"pmx-evidence/9"),
        ["changed: manifest.json can't be"],
    ),
    ("change the signature", lambda folder: (folder / "manifest.sig").write_bytes(b"AAAA\n"), [UNSIGNED]),
    ("break the signature", lambda folder: (folder / "manifest.sig").write_bytes(b"\xff?"), [UNSIGNED]),
    ("sign anew", sign_anew, [UNSIGNED]),
    ("sign all anew by another key", lambda f: take(f, *files("run-2"), signer="theirs"), [OTHER_KEY]),
    ("take another run's report", lambda f: take(f, "report.json"), ["of another run: report.json is of run-2"]),
    (
        "take another run's calls",
        lambda f: take(f, "entries.jsonl"),
        ["of another run: calls 1 to 5 are of run-2"],
    ),
    (
        "take another run's manifest",
        lambda folder: take(folder, "manifest.json", "manifest.sig"),
        ["of another run: report.json is of run-1, the manifest of run-2", "of another run: calls 1 to 5 are of run-1"],
    ),
]


@pytest.mark.parametrize(("tamper", "named"), [each[1:] for each in TAMPERINGS], ids=[each[0] for each in TAMPERINGS])
def test_tampering_is_found_and_named(tamper: Callable[[Path], object], named: list[str], folder: Path) -> None:
    """Each way of it, in words that say what was done."""
    tamper(folder)
    said = wrong(folder)
    for each in named:
        assert any(line.startswith(each) for line in said), said
    assert len(said) <= len(named) + 5


def test_a_secret_is_gone_before_anything_is_hashed() -> None:
    """Neither a call nor a report nor the playbook holds it, and the chain holds over what is left."""
    marker = "Marker-7Qx"
    made = files(redactor=Redactor([Secret(marker), Secret("whoami?n=3")]))
    assert b"whoami?n=3" not in b"".join(made.values())
    assert made["entries.jsonl"].count(b"****") == CALLS + 1


def test_a_signature_is_no_client_assertion_and_no_assertion_a_signature() -> None:
    """The same key signs both, each in a way that the other's reader refuses."""
    ours = key("ours")
    assertion = jwt.encode({"iss": "client"}, ours, algorithm="RS256")
    text, _, signature = assertion.rpartition(".")
    padded = signature.replace("-", "+").replace("_", "/") + "=="
    assert not is_signed(text.encode(), padded.encode(), ours.public_key())
    mine = signed(text.encode(), ours).decode().strip().replace("+", "-").replace("/", "_").rstrip("=")
    for algorithm in ("RS256", "PS256"):
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(f"{text}.{mine}", ours.public_key(), algorithms=[algorithm])


def test_the_signature_is_ps256_over_context_and_manifest(folder: Path) -> None:
    """So that anybody can verify it with a library of their own."""
    import base64

    algorithm = jwt.get_algorithm_by_name("PS256")
    manifest = (folder / "manifest.json").read_bytes()
    signature = base64.b64decode((folder / "manifest.sig").read_bytes())
    assert algorithm.verify(CONTEXT.encode() + b"\0" + manifest, key("ours").public_key(), signature)


def test_a_folder_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """What can't be finished leaves nothing behind, and what is there is never touched."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").touch()
    with pytest.raises(OSError, match="not empty"):
        put(tmp_path / "there", files())
    assert [path.name for path in tmp_path.rglob("*")] == ["there", "mine.txt"]


def test_a_run_without_calls_has_evidence_too(tmp_path: Path) -> None:
    """Its chain is its beginning."""
    put(tmp_path / "none", evidence(Material([STARTED, finished()], {}, []), Redactor(), key("ours")))
    assert wrong(tmp_path / "none") == []
