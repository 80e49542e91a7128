"""The channel that sends links for new passwords, and what is swept up beside it."""

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from identity.models import PasswordReset
from identity.operations import forget_reset_token, reset_sealing_place
from jobs.channels import send_email
from jobs.ports import Payload
from kernel.vault import vault


def send_password_link(payload: Payload) -> None:
    """`payload`: reset (the number of the link). Opens the sealed token, sends it in the account's language, and
    forgets it; a link that was sent, used or replaced by a newer one is not sent again."""
    with transaction.atomic():
        rows = PasswordReset.objects.select_related("account").select_for_update(no_key=True, of=("self",))
        row = rows.filter(id=UUID(payload["reset"]), used_at=None).first()
        if row is None or not row.sealed_token:
            return
        token = vault().decrypt(bytes(row.sealed_token), aad=reset_sealing_place(row.id)).decode()
        with translation.override(row.account.language):
            send_email({"to": [row.account.email], "subject": _("Set a new password"), "text": _words(token)})
        forget_reset_token(reset=row)


def _words(token: str) -> str:
    address = f"{settings.BASE_URL}{reverse('identity:password-reset', args=[token])}"
    return _(
        "An administrator of your organisation sent you this link. It lets you set a new password once, within an "
        "hour:\n\n%(address)s\n\nIf you did not ask for it, do nothing, and tell your administrator."
    ) % {"address": address}
