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

LATE_IMPORTS = {
    ("config/apps.py", "config"): "composition imports models, which exist only when ready() is called",
    ("identity/saml/consuming.py", "onelogin"): "a mismatch of lxml and xmlsec, which it imports, stops sign-on alone",
    ("identity/saml/enveloped.py", "xmlsec"): "the same",
    ("identity/checks.py", "lxml"): "the check that tells of this mismatch",
    ("identity/checks.py", "xmlsec"): "the same",
    ("audit/verifier.py", "cryptography"): "whoever checks hashes alone needs no package besides Python",
}
"""(file, package) → why it is imported inside a function there."""

SIGNAL_USERS: dict[str, str] = {}
"""Module → why no other mechanism serves. Celery's and Django's signals count alike."""

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


def _inside_functions(module: Module) -> dict[str, str]:
    """Where something is imported inside a function → the package."""
    return {
        module.at(inner): (inner.module or "" if isinstance(inner, ast.ImportFrom) else inner.names[0].name).split(".")[
            0
        ]
        for outer in ast.walk(module.tree)
        if isinstance(outer, FUNCTIONS)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    }


def _imported(module: Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def test_no_import_hides_inside_a_function():
    """An import inside a function hides a cycle; every import stands at the top of its module, but for the listed ones,
    and the list holds no others."""
    found = {
        (module.relative, package): at for module in modules() for at, package in _inside_functions(module).items()
    }
    none(at for late, at in found.items() if late not in LATE_IMPORTS)
    none(set(LATE_IMPORTS) - set(found))


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
    kernel = [m for m in modules() if m.parts[0] == "kernel" and not m.is_migration and m.name != "kernel"]
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
