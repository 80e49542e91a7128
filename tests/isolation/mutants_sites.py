"""Explicit filters of the apps, found in their syntax, and a copy of the tree in which each can be switched off.

A site is a lookup on the owner of rows (`.filter(organization_id=…)`, `Q(membership__account_id=…)`) or a comparison
with one (`if row.organization_id != …: raise`). Filters inside SQL text are not found: they stand in functions and
triggers of migrations, which tests of their own call as the app's role.
"""

import ast
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.source import APPS, ROOT

QUERIES = {"filter", "exclude", "get", "Q", "get_object_or_404"}
OWNERS = {"organization", "account", "membership", "party", "partner", "connection", "application", "owner", "actor"}
"""Whose rows they are; `connection` is the one of single sign-on, `application` a program of an organisation."""
SUBJECTS = {"pseudonym"}
"""Looked up by these, an account or actor is looked up as the owner as well."""
ENDS = ("_id", "__in", "__id", "_id__in")
COVERS = "covers"
"""The method of licensing.rules.reach that says whether somebody answers for a product."""
SWITCH = "tests.isolation.mutants_switch"
NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "var", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".import_linter_cache"
)
NO_FILTERS = ("migrations", "demo")
"""Folders without filters that keep anybody out: tables, and a story told in a house of its own."""


@dataclass(frozen=True)
class Site:
    """One explicit filter. `key` stays the same while lines move: file, function, what stands there."""

    key: str
    app: str
    line: int


def sites() -> list[Site]:
    """Every explicit filter of the apps, in the order of files and lines."""
    return [site for path in _files() for site in _finder(path).found()]


def copied(folder: Path) -> Path:
    """The tree under `folder`, in which every site asks tests.isolation.mutants_switch."""
    root = folder / "tree"
    shutil.copytree(ROOT, root, ignore=NOT_COPIED, symlinks=True)
    for path in _files():
        finder = _finder(path)
        finder.found()
        if finder.sites:
            (root / path.relative_to(ROOT)).write_text(finder.switched(), encoding="utf-8")
    return root


def _files() -> Iterator[Path]:
    for app in APPS:
        for path in sorted((ROOT / app).rglob("*.py")):
            if not set(NO_FILTERS) & set(path.relative_to(ROOT).parts):
                yield path


def _finder(path: Path) -> "Finder":
    return Finder(path.relative_to(ROOT), path.read_text(encoding="utf-8"))


class Finder(ast.NodeTransformer):
    """Finds the sites of one file and puts the switch in their place."""

    def __init__(self, path: Path, source: str) -> None:
        self.path = path
        self.tree = ast.parse(source)
        self.sites: list[Site] = []
        self._names: list[str] = []
        self._seen: Counter[str] = Counter()

    def found(self) -> list[Site]:
        self.tree = self.visit(self.tree)
        return self.sites

    def switched(self) -> str:
        """The file with its sites switched; the import comes after the docstring and __future__."""
        body = self.tree.body
        place = 1 if ast.get_docstring(self.tree) is not None else 0
        while isinstance(body[place], ast.ImportFrom) and getattr(body[place], "module", "") == "__future__":
            place += 1
        imported = ast.ImportFrom(SWITCH.rpartition(".")[0], [ast.alias(SWITCH.rpartition(".")[2], "_switch")], 0)
        self.tree.body = [*body[:place], imported, *body[place:]]
        return ast.unparse(ast.fix_missing_locations(self.tree))

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._inside(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return self._inside(node)

    def _inside(self, node: ast.FunctionDef | ast.ClassDef) -> ast.AST:
        self._names.append(node.name)
        self.generic_visit(node)
        self._names.pop()
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        said = ast.unparse(node.func)
        self.generic_visit(node)
        name = said.rpartition(".")[2]
        if name in QUERIES:
            before = len(self.sites)
            node.keywords = [self._lookup(name, word) for word in node.keywords]
            if keys := [ast.Constant(site.key) for site in self.sites[before:]]:
                return _call("rows", [node, *keys], [])
        if name == COVERS:
            return self._answered(node, lets_through=True)
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        named = any(_names_owner(side) for side in (node.left, *node.comparators))
        self.generic_visit(node)
        if named and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            return self._answered(node, lets_through=isinstance(node.ops[0], ast.Eq))
        return node

    def _lookup(self, call: str, word: ast.keyword) -> ast.keyword:
        """`filter(a=b)` becomes `_switch.rows(filter(**_switch.lookup(key, a=b)), key)`."""
        if word.arg is None or not is_owner(word.arg):
            return word
        key = self._site(f"{call} {word.arg}={ast.unparse(word.value)}", word.value.lineno)
        return ast.keyword(None, _call("lookup", [ast.Constant(key)], [word]))

    def _answered(self, node: ast.expr, *, lets_through: bool) -> ast.AST:
        key = self._site(ast.unparse(node), node.lineno)
        return _call("answer", [ast.Constant(key), node, ast.Constant(lets_through)], [])

    def _site(self, said: str, line: int) -> str:
        key = f"{self.path} {'.'.join(self._names)}: {said}"
        self._seen[key] += 1
        key += f" #{self._seen[key]}" if self._seen[key] > 1 else ""
        self.sites.append(Site(key, self.path.parts[0], line))
        return key


def is_owner(lookup: str) -> bool:
    """Whether a lookup names the owner of rows, at the end of whatever path."""
    for end in ENDS:
        if lookup.endswith(end) and lookup.removesuffix(end).rpartition("__")[2] in OWNERS:
            return True
    *_path, last = lookup.split("__")
    return last in OWNERS | SUBJECTS


def _names_owner(side: ast.expr) -> bool:
    """`row.organization_id`, `row.organization`, `row.organization.id`; not Django's connection."""
    if isinstance(side, ast.Attribute) and side.attr == "id":
        side = side.value
    return isinstance(side, ast.Attribute) and side.attr.removesuffix("_id") in OWNERS | {"client"}


def _call(name: str, arguments: Sequence[ast.expr], keywords: list[ast.keyword]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("_switch", ast.Load()), name, ast.Load()), list(arguments), keywords)
