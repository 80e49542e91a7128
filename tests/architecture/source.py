"""The project's own source, parsed once, for the tests of this folder."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("kernel", "jobs", "audit", "identity", "licensing", "seats", "compliance", "reporting")
PACKAGES = ("config", *APPS)


@dataclass(frozen=True)
class Module:
    """One of our Python files with its syntax tree."""

    path: Path
    tree: ast.Module

    @property
    def relative(self) -> str:
        """For example "licensing/rules/terms.py"."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def name(self) -> str:
        """For example "licensing.rules.terms"; a package has the name of its folder."""
        return self.relative.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.name.split("."))

    @property
    def is_migration(self) -> bool:
        return "migrations" in self.parts

    def at(self, node: ast.AST) -> str:
        """Where a finding stands, as an editor opens it."""
        return f"{self.relative}:{getattr(node, 'lineno', 0)}"


@cache
def modules() -> tuple[Module, ...]:
    """Every Python file of config and the apps, migrations included."""
    files = (path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py")))
    return tuple(Module(path, ast.parse(path.read_text(encoding="utf-8"), str(path))) for path in files)


def written_by_hand() -> Iterator[Module]:
    """All modules but migrations."""
    return (module for module in modules() if not module.is_migration)


@cache
def module_names() -> frozenset[str]:
    return frozenset(module.name for module in modules())


def dotted(node: ast.AST) -> str:
    """`a.b.c` for nested attributes and names, "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (prefix := dotted(node.value)):
        return f"{prefix}.{node.attr}"
    return ""


def none(found: Iterable[object]) -> None:
    """Fails with one finding a line."""
    lines = sorted(str(one) for one in (found.items() if isinstance(found, Mapping) else found))
    assert not lines, "\n  " + "\n  ".join(lines)


def docstrings(tree: ast.Module) -> set[int]:
    """The ids of constant nodes that are docstrings, so that prose is not taken for code."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = (node.body for node in ast.walk(tree) if isinstance(node, owners) and node.body)
    return {id(body[0].value) for body in bodies if isinstance(body[0], ast.Expr)}
