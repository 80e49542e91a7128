"""What must hold before a change: the version that the client has seen."""

from collections.abc import Collection

from django.utils.translation import gettext as _

from kernel.errors import Refusal


class VersionDiffers(Refusal):
    """The record was changed since the client read it; read it again, and decide again."""

    code = "VERSION_DIFFERS"
    status = 412


def check_version(present: int, versions: Collection[int] | None) -> None:
    """Raises VersionDiffers unless the present version is among those asked for; None asks for nothing."""
    if versions is not None and present not in versions:
        raise VersionDiffers(_("The record was changed in the meantime; read it again."))
