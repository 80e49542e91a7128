"""The templates of the package, apart from those of the site: no context processors, no loaders but our folder."""

from pathlib import Path
from typing import Final

from django.template import Context, Engine

BASE: Final = Path(__file__).resolve().parents[2]

_engine: Final = Engine(dirs=[str(BASE / "templates")], libraries={"i18n": "django.templatetags.i18n"}, autoescape=True)


def filled(template: str, context: dict[str, object]) -> str:
    """The template with every value escaped, unless the template itself says that it is plain text."""
    return str(_engine.get_template(template).render(Context(context, autoescape=True)))
