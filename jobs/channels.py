"""The e-mail channel of the outbox."""

from smtplib import SMTPException

from django.core.mail import EmailMessage

from jobs.ports import DeliveryFailed, Payload


def send_email(payload: Payload) -> None:
    """`payload`: to (list of addresses), subject, text. Raises DeliveryFailed when the server refuses or is away."""
    message = EmailMessage(subject=payload["subject"], body=payload["text"], to=list(payload["to"]))
    try:
        message.send()
    except (SMTPException, OSError) as error:
        raise DeliveryFailed(str(error)) from error
