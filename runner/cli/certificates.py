"""Why a certificate is not trusted, told apart: its time, its name, or who signed it."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from runner.errors import Unreachable

if TYPE_CHECKING:
    import socket

    from cryptography.x509 import Certificate

_NOT_YET, _EXPIRED = 9, 10
_OTHER_NAMES = frozenset({62, 64})


def mistrust(
    host: str, error: ssl.SSLCertVerificationError, connect: Callable[[], socket.socket], bundle: Path | None
) -> Unreachable:
    """What to say of a certificate that OpenSSL did not trust; ``connect`` makes one more connection to look at it.

    The numbers are OpenSSL's (``X509_V_ERR_…``). The second connection carries nothing.
    """
    shown = _shown(connect, host)
    match error.verify_code:
        case code if code in (_EXPIRED, _NOT_YET):
            return _out_of_time(host, shown, ended=code == _EXPIRED)
        case code if code in _OTHER_NAMES:
            title = f"the certificate of {host} is made out to {_names(shown)}"
            help = "is the address spelled right? if it is, something on the way answers in its place"
        case _:
            title = f"the certificate of {host} is signed by {_signer(shown)}, whom this machine does not trust"
            help = _of_authorities(bundle)
    return Unreachable(title, sent=False, help=help)


def _out_of_time(host: str, shown: Certificate | None, *, ended: bool) -> Unreachable:
    when = "" if shown is None else f" {shown.not_valid_after_utc if ended else shown.not_valid_before_utc:%Y-%m-%d}"
    title = f"the certificate of {host} {'expired' if ended else 'is not good before'}{when}"
    help = (
        f"is this machine's clock right? it says {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; if it is, whoever runs {host} "
        "has to renew the certificate"
    )
    return Unreachable(title, sent=False, help=help)


def _of_authorities(bundle: Path | None) -> str:
    if bundle is not None:
        return f"ca_bundle, {bundle}, stands in place of the usual authorities: it must hold this one and theirs"
    return (
        "if a proxy of your own network signs there, name its authority: ca_bundle in pmx.yaml, or REQUESTS_CA_BUNDLE\n"
        "if not, somebody stands between you and the venue: send nothing"
    )


def _shown(connect: Callable[[], socket.socket], host: str) -> Certificate | None:
    """The certificate as it is shown to everybody; None if it can't be had a second time."""
    from cryptography.x509 import load_der_x509_certificate

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with connect() as plain, context.wrap_socket(plain, server_hostname=host) as secured:
            return load_der_x509_certificate(secured.getpeercert(binary_form=True) or b"")
    except (OSError, Unreachable, ValueError):
        return None


def _signer(shown: Certificate | None) -> str:
    if shown is None:
        return "somebody"
    name = shown.issuer.rfc4514_string()
    return f"itself ({name})" if shown.issuer == shown.subject else name


def _names(shown: Certificate | None) -> str:
    from cryptography.x509 import DNSName, ExtensionNotFound, SubjectAlternativeName

    if shown is None:
        return "another name"
    try:
        names = shown.extensions.get_extension_for_class(SubjectAlternativeName).value.get_values_for_type(DNSName)
    except (ExtensionNotFound, ValueError):
        names = []
    return ", ".join(names[:3]) or shown.subject.rfc4514_string()
