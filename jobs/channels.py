"""The e-mail channel of the outbox."""

from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.core.mail import EmailMultiAlternatives

from jobs.ports import DeliveryFailed, Payload


def send_email(payload: Payload) -> None:
    """`payload`: to (list of addresses), subject, text, and perhaps html, which says the same.

    Raises DeliveryFailed when the server refuses or is away. What it raises is logged and shown to administrators, so
    it names no address: the server's own words often do.
    """
    message = EmailMultiAlternatives(subject=payload["subject"], body=payload["text"], to=list(payload["to"]))
    if payload.get("html"):
        message.attach_alternative(payload["html"], "text/html")
    try:
        message.send()
    except SMTPRecipientsRefused as error:
        codes = sorted({str(code) for code, _said in error.recipients.values()})
        raise DeliveryFailed(f"recipients refused ({', '.join(codes)})") from error
    except SMTPResponseException as error:
        raise DeliveryFailed(f"the mail server answered {error.smtp_code}") from error
    except (SMTPException, OSError) as error:
        raise DeliveryFailed(type(error).__name__) from error
