"""Models and their fields are named for people, in the language of the page."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import BinaryField, Model
from django.utils.functional import Promise

from config.composition import site
from kernel.owned import ORGANIZATION, shown_field
from tests.architecture.source import APPS, none

KEYS = {"id"}
"""No page names them."""


def shown_models() -> set[type[Model]]:
    """The models that have an admin page, or rows within one."""
    pages: list[Any] = list(site._registry.values())
    return {page.model for page in pages} | {inline.model for page in pages for inline in page.inlines}


def shown_fields(model: type[Model]) -> Iterator[Any]:
    """Columns that a form or a list may show: not keys, stored twins or digests."""
    for field in model._meta.local_fields:
        hidden = {*ORGANIZATION, *KEYS}
        if field.name not in hidden and shown_field(field.name) == field.name and not isinstance(field, BinaryField):
            yield field


def is_lazy(words: object) -> bool:
    return isinstance(words, Promise)


def test_each_model_has_a_name_in_both_numbers():
    """Lists are headed "Parties" and "People", not what adding an s makes of a class name."""
    models = [model for app in APPS if apps.is_installed(app) for model in apps.get_app_config(app).get_models()]
    assert models
    none(
        model._meta.label
        for model in models
        if not (is_lazy(model._meta.verbose_name) and is_lazy(model._meta.verbose_name_plural))
    )


def test_each_field_that_is_shown_has_a_name():
    """A column is headed by words of the catalogue, not by the name of a column in the database."""
    none(
        f"{model._meta.label}.{field.name}"
        for model in shown_models()
        for field in shown_fields(model)
        if not is_lazy(field._verbose_name)  # what was given, before Django made a name up
    )


def test_each_app_has_a_name():
    """Sections of the administration are headed in the language of the page."""
    none(app for app in APPS[1:] if not is_lazy(apps.get_app_config(app).verbose_name))
