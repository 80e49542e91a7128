"""Every string of the project that gettext looks up, and the catalogues in which it looks.

`make messages` brings locale/<language>/LC_MESSAGES/django.po up to date and compiles it to django.mo, which is
committed too: neither users nor contributors need the gettext tools. test_messages.py compares.
"""

import argparse
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import django
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.template import engines
from django.template.base import Template
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

from audit.rules.kinds import KINDS
from identity.rules.roles import ROLES
from identity.rules.scopes import SCOPES
from tests.architecture.documented import permissions
from tests.architecture.source import ROOT, written_by_hand

TEMPLATES = ROOT / "templates"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
LITERAL = re.compile(r"""_\((?P<quote>["'])(?P<text>.*?)(?P=quote)\)""")
"""A translated argument of a tag or filter."""
VOLATILE = re.compile(
    rb'"(POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team|Report-Msgid-Bugs-To|Generated-By): [^\n]*\n'
)
"""Lines of a catalogue's head that would change without a change of words."""


@dataclass(frozen=True)
class Found:
    """One string and the file that it stands in. `plural` is "" where there is one form."""

    text: str
    plural: str
    context: str
    where: str

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.text, self.plural) if self.plural else self.text


def _in_python() -> Iterator[Found]:
    for module in written_by_hand():
        for _line, words, _comments, context in extract_from_file("python", module.path, keywords=KEYWORDS):
            text, plural = words if isinstance(words, tuple) else (words, "")
            yield Found(text, plural, context or "", module.relative)


def _in_templates() -> Iterator[Found]:
    for path in sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}):
        yield from in_template(path.read_text(encoding="utf-8"), path.relative_to(ROOT).as_posix())


def in_template(source: str, where: str) -> Iterator[Found]:
    """The strings of one template, as Django will look them up."""
    yield from (Found(match["text"], "", "", where) for match in LITERAL.finditer(source))
    backend: Any = engines["django"]
    nodes = Template(source, engine=backend.engine).nodelist
    literals: list[Any] = nodes.get_nodes_by_type(TranslateNode)
    for node in literals:
        literal = node.filter_expression.var.literal
        if isinstance(literal, str):
            yield Found(literal.replace("%", "%%"), "", _context(node), where)
    blocks: list[Any] = nodes.get_nodes_by_type(BlockTranslateNode)
    for block in blocks:
        singular, plural = (block.render_token_list(tokens)[0] for tokens in (block.singular, block.plural))
        yield Found(singular, plural, _context(block), where)


def _context(node: Any) -> str:
    return str(node.message_context.var) if node.message_context else ""


def _in_registries() -> Iterator[Found]:
    """Sentences of pure modules, which may not know gettext and are translated where they are shown."""
    yield from (Found(words, "", "", "audit/rules/kinds.py") for words in KINDS.values())
    yield from (Found(role.purpose, "", "", "identity/rules/roles.py") for role in ROLES.values())
    yield from (Found(words, "", "", "identity/permissions.py") for words in permissions().values())
    yield from (Found(scope.purpose, "", "", "identity/rules/scopes.py") for scope in SCOPES.values())


def collected() -> Catalog:
    """All strings of the project, without translations."""
    catalog = Catalog(fuzzy=False)
    for found in (*_in_python(), *_in_templates(), *_in_registries()):
        catalog.add(found.id, locations=[(found.where, 0)], context=found.context or None)
    return catalog


def languages() -> list[str]:
    """The languages with a catalogue: all but the one that the strings are written in."""
    return [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]


def path_of(language: str, suffix: str) -> Path:
    return ROOT / "locale" / language / "LC_MESSAGES" / f"django{suffix}"


def kept(language: str) -> Catalog:
    """The catalogue as it is committed; empty where there is none yet."""
    path = path_of(language, ".po")
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def brought_up_to_date(language: str) -> Catalog:
    """Today's strings with the translations that exist; strings that are gone are dropped."""
    old, new = kept(language), Catalog(locale=language, fuzzy=False, project="Seatledger", version="1", charset="utf-8")
    for message in collected():
        if message.id:
            known = old.get(message.id, message.context)
            text = known.string if known and not known.fuzzy else ("", "") if message.pluralizable else ""
            files = sorted({where for where, _line in message.locations})
            new.add(message.id, text, locations=[(where, 0) for where in files], context=message.context)
    return new


def untranslated(catalog: Catalog) -> list[Message]:
    return [message for message in catalog if message.id and not _is_translated(message)]


def _is_translated(message: Message) -> bool:
    forms = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not message.fuzzy and all(forms) and len(forms) == (2 if message.pluralizable else 1)


def as_po(catalog: Catalog) -> bytes:
    """Sorted by string and without line numbers or dates, so that two changes seldom meet in one place."""
    catalog.header_comment = (
        f"# The words of Seatledger in {catalog.locale.get_display_name('en')}; `make messages` collects."
    )
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=120, sort_output=True, include_lineno=False, omit_header=False)
    return VOLATILE.sub(b"", buffer.getvalue())


def as_mo(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_mo(buffer, catalog)
    return buffer.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description="The catalogues of translations.")
    parser.add_argument("--write", action="store_true", required=True, help="collect the strings and compile")
    parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    for language in languages():
        catalog = brought_up_to_date(language)
        path_of(language, ".po").parent.mkdir(parents=True, exist_ok=True)
        path_of(language, ".po").write_bytes(as_po(catalog))
        path_of(language, ".mo").write_bytes(as_mo(catalog))
        missing = untranslated(catalog)
        print(f"{language}: {len(catalog)} strings, {len(missing)} without a translation")  # noqa: T201  # a command


if __name__ == "__main__":
    main()
