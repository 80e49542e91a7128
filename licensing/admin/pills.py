"""States in admin columns."""

from typing import Any

from django.template.loader import render_to_string


def pill(tone: str, label: Any) -> str:
    """A state as icon and word; tones are those of docs/design-system.md."""
    return render_to_string("components/pill.html", {"tone": tone, "label": label})
