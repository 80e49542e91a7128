"""Finds words that a person would see and gettext would not: in templates and in Python."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from tests.architecture.source import Module, dotted

SAME_IN_EVERY_LANGUAGE = {
    "Seatledger", "CSV", "XLSX", "PDF", "ZIP", "JSON", "REST", "API", "JWKS", "SHA-256", "UTC", "ID",
    "Ctrl", "Esc", "K",
}  # fmt: skip
SEEN_ATTRIBUTES = {
    "title",
    "alt",
    "placeholder",
    "aria-label",
    "aria-description",
    "aria-roledescription",
    "label",
    "summary",
}
NOT_PROSE = {"script", "style", "code", "kbd", "samp"}
WORD = re.compile(r"[^\W\d_]{2,}[\w-]*")

TRANSLATED = re.compile(r"{%-?\s*blocktrans(?:late)?\b.*?{%\s*endblocktrans(?:late)?\s*%}", re.DOTALL)
COMMENTS = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}", re.DOTALL)
CLASS_BLOCKS = re.compile(r"{%\s*block\s+(?:bodyclass|coltype|dir)\b.*?{%\s*endblock\b[^%]*%}", re.DOTALL)
"""Blocks of Django's admin templates that fill an attribute."""
TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
LITERAL_IN_INCLUDE = re.compile(r"""{%\s*include\b[^%]*?\b\w+=(?P<quote>["'])(?P<text>[^"']*\s[^"']*)(?P=quote)""")


def _bare_words(text: str) -> str:
    """The text when it holds a word that needs translating, or ""."""
    words = {word for word in WORD.findall(text) if word not in SAME_IN_EVERY_LANGUAGE}
    return " ".join(text.split()) if words else ""


class _SeenText(HTMLParser):
    """Collects text and attributes that a browser shows or reads out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []
        self._mute: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_PROSE:
            self._mute.append(tag)
        shown = {name: value or "" for name, value in attrs}
        names = SEEN_ATTRIBUTES | ({"value"} if shown.get("type") in {"submit", "button", "reset"} else set())
        for name in names & set(shown):
            if text := _bare_words(shown[name]):
                self.found.append((self.getpos()[0], f"{name}={text!r}"))

    def handle_endtag(self, tag: str) -> None:
        if self._mute and self._mute[-1] == tag:
            self._mute.pop()

    def handle_data(self, data: str) -> None:
        if not self._mute and (text := _bare_words(data)):
            self.found.append((self.getpos()[0], repr(text)))


def _blank(match: re.Match[str]) -> str:
    """Nothing, but the same number of lines."""
    return "\n" * match.group().count("\n")


def in_template(path: Path) -> Iterator[tuple[int, str]]:
    """(line, what a person would read untranslated) of one HTML template."""
    source = CLASS_BLOCKS.sub(_blank, COMMENTS.sub(_blank, path.read_text(encoding="utf-8")))
    for match in LITERAL_IN_INCLUDE.finditer(source):
        if text := _bare_words(match["text"]):
            yield source[: match.start()].count("\n") + 1, f"include … {text!r}"
    parser = _SeenText()
    parser.feed(TAGS.sub(_blank, TRANSLATED.sub(_blank, source)))
    yield from parser.found


SHOWN_KEYWORDS = {
    "verbose_name",
    "verbose_name_plural",
    "help_text",
    "label",
    "short_description",
    "empty_text",
}
ADMIN_DECORATORS = {"admin.action", "admin.display"}
MESSAGE_CALLS = {"messages.success", "messages.error", "messages.warning", "messages.info"}


def _is_literal(node: ast.AST | None) -> bool:
    if isinstance(node, ast.JoinedStr):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(_bare_words(node.value))


def _in_call(node: ast.Call, refusals: frozenset[str]) -> Iterator[ast.AST]:
    called = dotted(node.func)
    # The same keyword describes an interface to programmers elsewhere, and that stays English.
    shown = SHOWN_KEYWORDS | ({"description"} if called in ADMIN_DECORATORS else set())
    yield from (keyword.value for keyword in node.keywords if keyword.arg in shown and _is_literal(keyword.value))
    if called in MESSAGE_CALLS and len(node.args) > 1 and _is_literal(node.args[1]):
        yield node.args[1]
    if called.rpartition(".")[2] in refusals and node.args and _is_literal(node.args[0]):
        yield node.args[0]


def _in_class(node: ast.ClassDef) -> Iterator[ast.AST]:
    """`verbose_name = "…"` of a Meta and the words of TextChoices members."""
    is_choices = any(dotted(base).rpartition(".")[2] in {"TextChoices", "IntegerChoices"} for base in node.bases)
    for item in node.body:
        if not isinstance(item, ast.Assign):
            continue
        if {dotted(target) for target in item.targets} & SHOWN_KEYWORDS and _is_literal(item.value):
            yield item.value
        if is_choices and not (isinstance(item.value, ast.Tuple) and isinstance(item.value.elts[-1], ast.Call)):
            yield item.value


def in_module(module: Module, refusals: frozenset[str]) -> Iterator[str]:
    """Where a module shows words without gettext: labels, choices, messages and refusals."""
    for node in ast.walk(module.tree):
        found: Iterator[ast.AST] = iter(())
        if isinstance(node, ast.Call):
            found = _in_call(node, refusals)
        elif isinstance(node, ast.ClassDef):
            found = _in_class(node)
        yield from (f"{module.at(bare)} {ast.unparse(bare)}" for bare in found)
