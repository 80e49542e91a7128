"""What a rule says about seats, in words, for previews."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from seats.queries import RulePreview
from seats.rules.reclamation import Verdict

WORDS: Mapping[Verdict, object] = {
    Verdict.SELECTED: _("Would be selected"),
    Verdict.IN_USE: _("Used enough"),
    Verdict.TOO_YOUNG: _("Too new: younger than the minimum age or the window"),
    Verdict.COOLING_DOWN: _("Rest after an earlier answer"),
    Verdict.EXEMPT: _("Exempt"),
    Verdict.LEGAL_HOLD: _("Under legal hold"),
    Verdict.NO_ACTIVITY: _("No use known, which this rule leaves alone"),
    Verdict.FEED_SILENT: _("Not judged: no usage data"),
}


def verdict_rows(preview: RulePreview) -> list[tuple[str, int]]:
    """(words, seats) of every verdict that some seat has; the selected ones always."""
    return [
        (str(words), preview.counts[verdict])
        for verdict, words in WORDS.items()
        if preview.counts[verdict] or verdict == Verdict.SELECTED
    ]
