"""``pmx-run keys`` makes pairs that are safe from the first byte, and fingerprints that both sides can compute."""

from __future__ import annotations

import argparse
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from runner.cli import keys
from runner.cli.key_files import public_path
from runner.errors import WrongInput


def command(*words: str) -> int:
    parser = argparse.ArgumentParser()
    keys.add_arguments(parser)
    return keys.run(parser.parse_args(words))


def refusal(*words: str) -> str:
    with pytest.raises(WrongInput) as caught:
        command(*words)
    assert caught.value.exit_code == 2
    return str(caught.value)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PMX_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def pair() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def printed_fingerprint(key: rsa.RSAPrivateKey) -> str:
    der = key.public_key().public_bytes(form.Encoding.DER, form.PublicFormat.SubjectPublicKeyInfo)
    return f"SHA256:{hashlib.sha256(der).digest().hex(':')}\n"


@pytest.mark.usefixtures("no_umask")
def test_new_writes_a_pair_that_others_cannot_read(capsys: pytest.CaptureFixture[str]) -> None:
    """Mode 600 even where the umask lets everything through, and what to do next on stdout."""
    assert command("new") == 0
    assert (mode("private_key.pem"), mode("public_key.pem")) == (0o600, 0o644)
    private = form.load_pem_private_key(Path("private_key.pem").read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size == 2048
    said = capsys.readouterr()
    assert said.err == ""
    assert said.out == (
        "private key  private_key.pem  (mode 600; never hand it out, never commit it)\n"
        "public key   public_key.pem\n"
        f"fingerprint  {printed_fingerprint(private)}"
        "\n"
        "What to do next, for one environment (each needs a pair of its own):\n"
        "  1. Hand in the public key file at onboarding; if somebody asks, compare the fingerprint.\n"
        f"  2. export PMX_PRIVATE_KEY_PATH={Path('private_key.pem').absolute()}\n"
        "  3. With the client id that you get back: pmx-run doctor --env preprod\n"
    )


@pytest.mark.parametrize(
    ("private", "public"),
    [
        ("private_key.pem", "public_key.pem"),
        ("acme_preprod_private_key.pem", "acme_preprod_public_key.pem"),
        ("keys/acme.pem", "keys/acme.pub.pem"),
        ("acme", "acme.pub.pem"),
    ],
)
def test_the_public_half_lies_beside_the_private_one(private: str, public: str) -> None:
    """... under the name that onboarding uses, where that can be known."""
    assert public_path(Path(private)) == Path(public)


def test_bits_can_be_chosen() -> None:
    """Larger keys than the documentation's 2048 bits, never smaller ones."""
    command("new", "--out", "large.pem", "--bits", "3072")
    private = form.load_pem_private_key(Path("large.pem").read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size == 3072
    with pytest.raises(SystemExit) as caught:
        command("new", "--bits", "1024")
    assert caught.value.code == 2


@pytest.mark.parametrize("there", ["private_key.pem", "public_key.pem"])
def test_nothing_is_ever_overwritten(there: str) -> None:
    """Neither half; and nothing is written beside it."""
    Path(there).write_text("precious")
    expected = f"error: {there} is there already\n  = help: a key is never overwritten; choose another name: --out FILE"
    assert refusal("new") == expected
    assert [each.name for each in Path().iterdir()] == [there]
    assert Path(there).read_text() == "precious"


def test_a_volume_without_hard_links_will_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pair is made there, too, and none is overwritten."""

    def unsupported(*_: object) -> None:
        raise PermissionError("Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    assert command("new") == 0
    assert (mode("private_key.pem"), mode("public_key.pem")) == (0o600, 0o644)
    assert sorted(each.name for each in Path().iterdir()) == ["private_key.pem", "public_key.pem"]
    assert "private_key.pem is there already" in refusal("new")


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Not even one that leads nowhere: the key would land where somebody else wanted it."""
    Path("private_key.pem").symlink_to(tmp_path / "elsewhere")
    assert "is there already" in refusal("new")


def test_a_folder_that_is_not_there_is_named() -> None:
    """Exit 2, no traceback."""
    expected = "error: missing/key.pem can't be written: No such file or directory"
    assert refusal("new", "--out", "missing/key.pem") == expected


@pytest.mark.parametrize(
    ("label", "what"),
    [
        ("BEGIN PRIVATE KEY", form.PrivateFormat.PKCS8),
        ("BEGIN RSA PRIVATE KEY", form.PrivateFormat.TraditionalOpenSSL),
        ("BEGIN PUBLIC KEY", form.PublicFormat.SubjectPublicKeyInfo),
        ("BEGIN RSA PUBLIC KEY", form.PublicFormat.PKCS1),
    ],
)
def test_every_form_of_one_key_has_one_fingerprint(
    label: str,
    what: form.PrivateFormat | form.PublicFormat,
    pair: rsa.RSAPrivateKey,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Private or public, PKCS#1 or PKCS#8: SHA-256 over the public half, in pairs to be read aloud."""
    if isinstance(what, form.PrivateFormat):
        pem = pair.private_bytes(form.Encoding.PEM, what, form.NoEncryption())
    else:
        pem = pair.public_key().public_bytes(form.Encoding.PEM, what)
    assert label.encode() in pem
    Path("key.pem").touch(0o600)
    Path("key.pem").write_bytes(pem)
    assert command("fingerprint", "key.pem") == 0
    assert capsys.readouterr().out == printed_fingerprint(pair)


def test_without_a_path_the_settings_name_the_key(
    pair: rsa.RSAPrivateKey, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By path or as PEM; that other settings are missing does not matter here."""
    pem = pair.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    monkeypatch.setenv("PMX_PRIVATE_KEY", pem.decode())
    command("fingerprint", "--env", "preprod")
    assert capsys.readouterr().out == printed_fingerprint(pair)
    assert refusal("fingerprint", "--env", "sandbox") == (
        "error: environment `sandbox` has no private key\n  = help: set PMX_PRIVATE_KEY_PATH, or name a file"
    )


def test_a_private_key_that_others_can_read_is_refused(pair: rsa.RSAPrivateKey) -> None:
    """... with the command to type; a public one may be read by all."""
    pem = pair.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    Path("key.pem").write_bytes(pem)
    Path("key.pem").chmod(0o644)
    expected = "error: the private key key.pem can be read by others\n  = help: chmod 600 key.pem"
    assert refusal("fingerprint", "key.pem") == expected


def test_what_is_no_rsa_key_is_refused() -> None:
    """A curve, a text, nothing at all."""
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    Path("curve.pem").write_bytes(curve.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo))
    Path("broken.pem").write_text("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n")
    assert refusal("fingerprint", "curve.pem").startswith("error: curve.pem is not an RSA key")
    assert refusal("fingerprint", "broken.pem") == "error: broken.pem is not a key in PEM form"
    assert refusal("fingerprint", "none.pem") == "error: none.pem can't be read: No such file or directory"
