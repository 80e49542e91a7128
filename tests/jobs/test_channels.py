"""The e-mail channel: what it sends, and what it says when it could not."""

from smtplib import SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from jobs.channels import send_email
from jobs.ports import DeliveryFailed

PAYLOAD = {"to": ["kim@example.org"], "subject": "Two new violations", "text": "See the page."}


def test_a_message_is_sent_to_its_receivers():
    """Subject, text and receivers as they were put into the outbox."""
    send_email(PAYLOAD)
    [sent] = mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["kim@example.org"], "Two new violations", "See the page.")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (SMTPRecipientsRefused({"kim@example.org": (550, b"kim@example.org unknown")}), "recipients refused (550)"),
        (SMTPSenderRefused(552, b"too big", "kim@example.org"), "the mail server answered 552"),
        (SMTPServerDisconnected("talked to kim@example.org"), "SMTPServerDisconnected"),
        (ConnectionRefusedError("kim@example.org"), "ConnectionRefusedError"),
    ],
)
def test_what_failed_is_said_without_an_address(monkeypatch, error, said):
    """The reason goes to the log and to administrators; whose address it was about does not."""

    def refuse(_message: EmailMessage) -> None:
        raise error

    monkeypatch.setattr(EmailMessage, "send", refuse)
    with pytest.raises(DeliveryFailed) as failed:
        send_email(PAYLOAD)
    assert str(failed.value) == said
