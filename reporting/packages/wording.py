"""What the codes of a snapshot are called when they are printed."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reporting.packages.snapshot import Gap, Missing, Scope, Severity

SEVERITIES: Final[dict[Severity, str | Promise]] = {
    Severity.INFO: _("Note"),
    Severity.WARNING: _("Warning"),
    Severity.CRITICAL: _("Critical"),
    Severity.SEVERE: _("Severe"),
}

MISSING: Final[dict[Missing, str | Promise]] = {
    Missing.AGREEMENT: _("no agreement"),
    Missing.PURCHASE: _("no purchase order"),
    Missing.INVOICE: _("no invoice"),
    Missing.DOCUMENT: _("no document"),
}

SCOPES: Final[dict[Scope, str | Promise]] = {
    Scope.ALL: _("Whole organisation"),
    Scope.PUBLISHER: _("Publisher"),
    Scope.PRODUCT: _("Product"),
    Scope.LICENSEE: _("Licensee"),
}

# Topic, and where an auditor has to ask for it until the package holds it.
GAPS: Final[dict[Gap, tuple[str | Promise, str | Promise]]] = {
    Gap.APPROVALS: (
        _("Approvals"),
        _("Who requested and who approved purchases, seats and transfers. Ask the organisation for its own records."),
    ),
    Gap.EXCEPTIONS: (
        _("Exceptions and waivers"),
        _("Violations that were accepted for a time, with reason, approver and end date."),
    ),
    Gap.USAGE_HISTORY: (
        _("Usage history"),
        _("Measured use per day, week and month. The report shows assigned seats and observed use at one moment only."),
    ),
    Gap.ACCESS_REVIEW: (
        _("Access review"),
        _("Who may change licences, seats and policies, and when that was last confirmed."),
    ),
    Gap.CONTROL_MAPPING: (
        _("Control mapping"),
        _("Which controls of ISO/IEC 19770, ISO/IEC 27001 or SOX a section of this report supports."),
    ),
}
