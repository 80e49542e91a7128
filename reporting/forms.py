"""Forms of the audit centre."""

from itertools import groupby
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit.rules.kinds import KINDS

LARGEST_SEQUENCE = 2**63 - 1


def _kinds() -> list[Any]:
    """Kinds by what they are about: "seat" with its actions below."""
    grouped = groupby(sorted(KINDS), key=lambda kind: kind.partition(".")[0])
    return [("", _("All kinds")), *((subject, [(kind, kind) for kind in kinds]) for subject, kinds in grouped)]


class EventSearch(forms.Form):
    """What to look for in the ledger. `before` and `after` are sequences and turn its pages."""

    kind = forms.ChoiceField(label=_("Kind"), choices=_kinds, required=False)
    subject = forms.CharField(
        label=_("Id of the row"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocomplete": "off"}),
    )
    before = forms.IntegerField(
        required=False, min_value=1, max_value=LARGEST_SEQUENCE, widget=forms.HiddenInput, label=_("Before entry")
    )
    after = forms.IntegerField(
        required=False, min_value=0, max_value=LARGEST_SEQUENCE, widget=forms.HiddenInput, label=_("After entry")
    )
