"""Keys as files: two halves beside each other, each written whole or not at all, and never over another."""

from __future__ import annotations

import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from runner.diagnostic import Diagnostic
from runner.errors import WrongInput

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


def public_path(private: Path) -> Path:
    """``acme_private_key.pem`` has its public half in ``acme_public_key.pem``, ``acme.pem`` in ``acme.pub.pem``."""
    if "private" in private.name:
        return private.with_name(private.name.replace("private", "public"))
    return private.with_name(f"{private.stem}.pub.pem")


def write_new(path: Path, content: bytes, mode: int) -> None:
    """A new file that has its mode before it has its content, whatever the umask is. Raises ``WrongInput``."""
    try:
        _put(_whole(path, content, mode), path, mode)
    except FileExistsError:
        refuse(f"{path} is there already", "a key is never overwritten; choose another name: --out FILE")
    except OSError as error:
        refuse(f"{path} can't be written: {error.strerror}")


def replace_whole(path: Path, content: bytes, mode: int) -> None:
    """The same in place of a file that may be there: whoever reads it finds the old content or the new."""
    try:
        _whole(path, content, mode).replace(path)
    except OSError as error:
        refuse(f"{path} can't be written: {error.strerror}")


def content_of(path: Path) -> bytes:
    """A file's bytes; raises ``WrongInput``."""
    try:
        return path.read_bytes()
    except OSError as error:
        refuse(f"{path} can't be read: {error.strerror}")


def public_key(pem: bytes, path: Path) -> RSAPublicKey:
    """The RSA public key of a PEM; ``path`` is for the message. Raises ``WrongInput``."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except ValueError:
        refuse(f"{path} is not a key in PEM form")
    if not isinstance(key, RSAPublicKey):
        refuse(f"{path} is not an RSA key", "the venue takes RSA alone: pmx-run keys new")
    return key


def refuse(title: str, help: str = "") -> NoReturn:
    """Raise ``WrongInput`` that says so."""
    raise WrongInput([Diagnostic(title, help=help)])


def _put(written: Path, path: Path, mode: int) -> None:
    """Give a file its name if nobody has it. Raises ``OSError``."""
    try:
        os.link(written, path)
    except FileExistsError:
        raise
    except OSError:  # a volume without hard links: the name is taken first
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode))
        written.replace(path)
    finally:
        written.unlink(missing_ok=True)


def _whole(beside: Path, content: bytes, mode: int) -> Path:
    """A file of a passing name beside another, on the disk to its last byte. Raises ``OSError``."""
    handle, name = tempfile.mkstemp(beside.suffix, f".{beside.stem}.", beside.parent)
    try:
        with os.fdopen(handle, "wb") as opened:
            os.fchmod(handle, mode)
            opened.write(content)
            opened.flush()
            os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
    return Path(name)
