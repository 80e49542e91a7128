"""Imports and module names: what import-linter cannot see."""

import ast

from tests.architecture.source import Module, dotted, module_names, modules, none, written_by_hand

FORBIDDEN_NAMES = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "core",
    "lib",
    "misc",
    "services",
    "managers",
    "signals",
}
KERNEL_CONCEPTS = 15
FRAMEWORK_MODULES = {"kernel", "kernel.apps"}
"""What Django asks an app to have; neither holds a concept."""

LATE_IMPORTS = {
    "config/apps.py": "composition imports models, which exist only when ready() is called",
    "identity/saml/consuming.py": "a mismatch of lxml and xmlsec fails at import and shall stop single sign-on alone",
    "identity/saml/enveloped.py": "the same",
    "identity/checks.py": "the check that tells of this mismatch",
    "audit/verifier.py": "whoever checks hashes alone needs no package besides Python",
}

SIGNAL_USERS: dict[str, str] = {}
"""Module → why no other mechanism serves. Celery's and Django's signals count alike."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _inside_functions(module: Module) -> list[str]:
    found = (
        inner
        for outer in ast.walk(module.tree)
        if isinstance(outer, FUNCTIONS)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    )
    return sorted({module.at(node) for node in found})


def _imported(module: Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_import_hides_inside_a_function():
    """An import inside a function hides a cycle; every import stands at the top of its module."""
    none(where for module in modules() if module.relative not in LATE_IMPORTS for where in _inside_functions(module))


def test_no_relative_import():
    """A module is named the same way everywhere, so that a search finds all its users."""
    relative = [
        module.at(node)
        for module in modules()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    none(relative)


def test_modules_are_named_after_what_they_hold():
    """No module is called utils, helpers, services or the like: such a name says nothing and attracts everything."""
    none([module.name for module in modules() if FORBIDDEN_NAMES & set(module.parts)])


def test_no_signals_in_domain_code():
    """Control flow is readable: nobody connects a receiver, but for the listed reasons."""
    listeners = (
        "django.dispatch",
        "django.db.models.signals",
        "django.core.signals",
        "celery.signals",
        "django.contrib.auth.signals",
    )
    users = {
        module.name for module in written_by_hand() if any(name.startswith(listeners) for name in _imported(module))
    }
    assert users == set(SIGNAL_USERS)


def test_kernel_stays_small_and_without_models():
    """The kernel holds what every app speaks; with models or a sixteenth concept it would become the hub of all. A
    package, such as kernel.graphql, is one concept."""
    kernel = [m for m in modules() if m.parts[0] == "kernel" and not m.is_migration and m.name not in FRAMEWORK_MODULES]
    assert len({module.parts[1] for module in kernel}) <= KERNEL_CONCEPTS, [module.name for module in kernel]
    assert "kernel.models" not in module_names()
    none([module.name for module in kernel if "management" in module.parts])


def test_no_save_override():
    """What must never be false is a constraint; bulk writes would skip an overridden save() or delete()."""
    overrides = [
        module.at(item)
        for module in written_by_hand()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ClassDef) and _is_model(node)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name in {"save", "delete", "clean", "full_clean"}
    ]
    none(overrides)


def _is_model(node: ast.ClassDef) -> bool:
    return any(
        dotted(base).rpartition(".")[2] in {"Model", "OwnedModel", "PlainlyOwned", "OrganizationOwned"}
        for base in node.bases
    )
