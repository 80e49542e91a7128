"""No module is reached through a string: the linter and the type checker must see every dependency."""

import ast
import re

from tests.architecture.documented import permissions
from tests.architecture.source import PACKAGES, Module, docstrings, dotted, module_names, none, written_by_hand

LOOKS_LIKE_A_PATH = re.compile(rf"^({'|'.join(PACKAGES)})(\.\w+)+$")

FRAMEWORK_STRINGS = {"config.settings", "config.celery", "config.wsgi", "config.urls"}
"""Modules in which Django and Celery themselves ask for dotted paths: entry points, the settings file, include()."""

ASKED_FOR_BY_FRAMEWORKS: dict[str, str] = {
    "reporting.packages.render": "python -m: a report is drawn in a child process that can be killed",
}
"""String → the framework's setting that must be a string, outside those modules."""


def _points_at_a_module(text: str) -> bool:
    """True for "seats.operations.assign"; false for a permission such as "seats.pool.view" or a model label."""
    return bool(LOOKS_LIKE_A_PATH.match(text)) and ".".join(text.split(".")[:2]) in module_names()


def _paths(module: Module) -> list[str]:
    prose = docstrings(module.tree)
    return [
        f"{module.at(node)} {node.value!r}"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and id(node) not in prose
        and _points_at_a_module(node.value)
        and node.value not in ASKED_FOR_BY_FRAMEWORKS
        and node.value not in permissions()
    ]


def test_no_dotted_path_to_our_own_modules():
    """Composition passes functions, never their names: a renamed function must break the build, not the night."""
    found = {module.name: paths for module in written_by_hand() if (paths := _paths(module))}
    none(where for name, paths in found.items() if name not in FRAMEWORK_STRINGS for where in paths)
    none(FRAMEWORK_STRINGS - set(found))


def test_listed_strings_are_still_used():
    """A framework that no longer asks for one leaves no door open."""
    texts = {
        node.value for module in written_by_hand() for node in ast.walk(module.tree) if isinstance(node, ast.Constant)
    }
    none(set(ASKED_FOR_BY_FRAMEWORKS) - texts)


def test_no_import_by_name():
    """import_string, import_module and __import__ would reach around every import rule."""
    by_name = {"import_string", "import_module", "__import__"}
    calls = [
        module.at(node)
        for module in written_by_hand()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in by_name
    ]
    none(calls)
