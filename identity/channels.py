"""The outbox channel for e-mails that carry a secret: at rest it is sealed, and opened only to be sent."""

import base64

from jobs.channels import send_email
from jobs.ports import DeliveryFailed, Payload
from kernel.vault import VaultError, vault

SECRET_EMAIL = "email.secret"  # noqa: S105  # the name of a channel
MARK = "{secret}"


def sealed(secret: str, *, place: str) -> str:
    """The secret as it may rest in a message; `place` says where, so that it opens nowhere else."""
    return base64.b64encode(vault().encrypt(secret.encode(), aad=message_sealing_place(place))).decode()


def message_sealing_place(place: str) -> str:
    """The associated data of a secret within a message."""
    return f"jobs_outbox_message.payload:{place}"


def send_secret_email(payload: Payload) -> None:
    """`payload`: what send_email takes with MARK in the text, and `sealed` and `place`. Raises DeliveryFailed."""
    try:
        token = base64.b64decode(payload["sealed"])
        secret = vault().decrypt(token, aad=message_sealing_place(payload["place"])).decode()
    except VaultError as error:
        raise DeliveryFailed("the secret of the message does not open with the keys of this installation") from error
    send_email({**payload, "text": payload["text"].replace(MARK, secret)})
