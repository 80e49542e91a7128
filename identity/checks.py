"""Whether this installation can verify signatures of SAML messages at all."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning


def signature_libraries(app_configs: Sequence[Any] | None, **kwargs: Any) -> list[CheckMessage]:
    """lxml and xmlsec must be built against one libxml2; a mismatch stops single sign-on, and nothing else."""
    try:
        import lxml.etree  # noqa: F401
        import xmlsec  # noqa: F401
    # A mismatch is an error of xmlsec's own class, which nobody can name when xmlsec cannot be imported.
    except Exception as error:  # noqa: BLE001  # any failure of an import is the finding
        return [
            Warning(
                f"Single sign-on cannot work: {error}",
                hint="Install lxml and xmlsec as wheels, in the versions of requirements/; everything else works.",
                id="identity.W001",
            )
        ]
    return []
