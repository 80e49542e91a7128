"""The tables of docs/ that are made from the code. `make docs` writes them, test_documented.py compares them.

The words stand in the code, where they cannot be forgotten: the docstring of a refusal, the sentence of a permission
and of an event kind. docs/settings.md is written by hand, since a setting needs more than a sentence.
"""

import argparse
import importlib
import json
from collections.abc import Callable, Iterable

import django
from drf_spectacular.generators import SchemaGenerator

from audit.rules.kinds import KINDS
from kernel.errors import Refusal
from tests.architecture.source import APPS, ROOT, written_by_hand

GENERATED = "<!-- Made from the code by `make docs`; change the words there. -->"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in lines)


def _page(title: str, introduction: str, table: str) -> str:
    return f"# {title}\n\n{GENERATED}\n\n{introduction}\n\n{table}\n"


def _load_everything() -> None:
    for module in written_by_hand():
        if module.parts[0] in APPS and "management" not in module.parts:
            importlib.import_module(module.name)


def _subclasses(cls: type[Refusal]) -> set[type[Refusal]]:
    below: set[type[Refusal]] = {cls}
    return below.union(*(_subclasses(one) for one in cls.__subclasses__()))


def refusal_classes() -> list[type[Refusal]]:
    """All refusals of the project, general ones last."""
    _load_everything()
    own = [cls for cls in _subclasses(Refusal) if cls.__module__.split(".")[0] in ("config", *APPS)]
    return sorted(own, key=lambda cls: (-len(cls.__mro__), cls.__module__, cls.__name__))


def refusals() -> dict[str, tuple[int, str]]:
    """Code → (HTTP status, first paragraph of the docstring); of two classes with one code the general one speaks."""
    found: dict[str, tuple[int, str]] = {}
    for cls in refusal_classes():
        found[cls.code] = (cls.status, (cls.__doc__ or "").strip().split("\n\n")[0])
    return found


def error_codes() -> str:
    rows = [(f"`{code}`", str(status), words) for code, (status, words) in sorted(refusals().items())]
    return _page(
        "Error codes",
        "Every refusal carries one of these codes: in `code` of a problem+json answer, on pages and in admin messages. "
        "A code never changes once it was released.",
        _table(("Code", "HTTP", "What it says"), rows),
    )


def event_kinds() -> str:
    return _page(
        "Event kinds",
        "What the ledger can say. A kind is never renamed and never reused.",
        _table(("Kind", "What happened"), [(f"`{kind}`", words) for kind, words in sorted(KINDS.items())]),
    )


def permissions() -> dict[str, str]:
    """All permissions of all apps with their sentences."""
    found: dict[str, str] = {}
    for app in APPS:
        if (ROOT / app / "permissions.py").exists():
            found |= importlib.import_module(f"{app}.permissions").PERMISSIONS
    return found


def permission_table() -> str:
    return _page(
        "Permissions",
        "What a role can carry.",
        _table(("Permission", "Allows"), [(f"`{name}`", words) for name, words in sorted(permissions().items())]),
    )


def openapi_document() -> str:
    """The REST interface as it is served: what clients rely on, kept so that no change of it goes unseen."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False, default=str) + "\n"


def graphql_document() -> str:
    """The GraphQL interface in its own schema language."""
    return str(importlib.import_module("config.schema").schema) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "error-codes.md": error_codes,
    "event-kinds.md": event_kinds,
    "openapi.json": openapi_document,
    "permissions.md": permission_table,
    "schema.graphql": graphql_document,
}


def main() -> None:
    parser = argparse.ArgumentParser(description="The tables of docs/ that are made from the code.")
    parser.add_argument("--write", action="store_true", required=True, help="write them")
    parser.parse_args()
    django.setup()
    for name, make in PAGES.items():
        (ROOT / "docs" / name).write_text(make(), encoding="utf-8")


if __name__ == "__main__":
    main()
