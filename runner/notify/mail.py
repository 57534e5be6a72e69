"""Messages that go by mail."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runner.notify.credentials import Undelivered, value_of
from runner.notify.message import headline, text
from runner.notify.sending import Sending
from runner.settings.channels import Channel

if TYPE_CHECKING:
    import smtplib
    from email.message import EmailMessage

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_OF_US = "pmx-run.invalid"


def send_mail(sending: Sending) -> None:
    """One mail to all; arrived once the server has taken it for one of them, with a ``Message-ID`` for the rest."""
    import smtplib

    user, password = (value_of(sending.channel, name, sending.environ) for name in ("user", "password"))
    try:
        with _connected(sending.channel, sending.seconds) as server:
            if user:
                server.login(user, password)
            server.send_message(_mail(sending))
    except smtplib.SMTPResponseException as error:
        raise Undelivered(f"the mail server answered {error.smtp_code}") from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise Undelivered(f"the mail server: {getattr(error, 'strerror', None) or type(error).__name__}") from error


def _connected(channel: Channel, seconds: float) -> smtplib.SMTP:
    """A connection, encrypted unless that is given up for this machine's own server."""
    import smtplib
    import ssl

    tls = channel.tls or "starttls"
    port = channel.port or _PORTS[tls]
    trusted = ssl.create_default_context(cafile=channel.ca_bundle or None)
    if tls == "tls":
        return smtplib.SMTP_SSL(channel.host, port, "localhost", timeout=seconds, context=trusted)
    server = smtplib.SMTP(channel.host, port, "localhost", timeout=seconds)
    try:
        if tls == "starttls":
            server.starttls(context=trusted)
    except BaseException:
        server.close()
        raise
    return server


def _mail(sending: Sending) -> EmailMessage:
    from email.message import EmailMessage
    from email.utils import format_datetime

    mail = EmailMessage()
    mail["From"], mail["To"] = sending.channel.sender, ", ".join(sending.channel.to)
    mail["Subject"] = f"[pmx-run] {headline(sending.data)}"
    mail["Date"], mail["Message-ID"] = format_datetime(sending.at), f"<{sending.id}@{_OF_US}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text(sending.data) + "\n")
    return mail
