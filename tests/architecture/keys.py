"""Finds what is kept outside tables, and whether its name is made by `kernel.scope.organization_key`.

A name carries the organisation when its expression holds a call of that function: directly, by way of a local variable,
or by way of a function of ours that returns nothing but such names.
"""

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from tests.architecture.source import Module, dotted, modules, written_by_hand

MAKER = "kernel.scope.organization_key"
TAKERS = {"kernel.rest.counting.counted"}
"""Functions that keep something under a name that they are given first; whoever calls them is looked at."""

STORES = {
    "django.core.cache.cache": "cache",
    "django.core.cache.caches": "cache",
    "django.core.files.storage.default_storage": "storage",
    "django.core.files.storage.storages": "storage",
    "django.core.files.storage.FileSystemStorage": "storage",
}
LOCKING_MODULES = {"redis", "fcntl", "filelock", "portalocker", "django_redis"}
ON_PATHS = {
    "open", "read_bytes", "read_text", "write_bytes", "write_text", "touch", "mkdir", "unlink", "rmdir", "rename",
    "hardlink_to", "symlink_to",
}  # fmt: skip
"""Methods of a path. A path that only moves (`replace`) was opened before."""
WITH_PATHS = {"open", "os.open", "os.link", "os.rename", "os.replace", "os.unlink", "os.mkdir", "os.makedirs"}
WITH_PATHS_BEGIN = ("shutil.", "tempfile.", "zipfile.ZipFile")
IN_MEMORY = {"functools.cache", "functools.lru_cache"}
BY_BROWSERS = {
    "django.views.decorators.cache.cache_control",
    "django.views.decorators.cache.cache_page",
    "django.utils.cache.patch_cache_control",
    "django.utils.cache.patch_response_headers",
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Place:
    """Something that is kept outside tables: how, in which function, and whether its name carries the organisation."""

    mechanism: str
    where: str
    at: str
    carries: bool


class Reader:
    """One module with what its names mean."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.names = _names(module)

    def places(self) -> Iterator[Place]:
        for name, scope in _scopes(self.module.tree):
            for node in _own_nodes(scope):
                for mechanism, key in self._kept(node):
                    carries = key is not None and self.carries(key, scope, carriers())
                    yield Place(mechanism, f"{self.module.name}.{name}".rstrip("."), self.module.at(node), carries)

    def carries(self, key: ast.AST, scope: ast.AST, known: Collection[str], seen: frozenset[str] = frozenset()) -> bool:
        """Whether a name made by this expression carries the organisation; `known` are functions whose results do."""
        for node in ast.walk(key):
            if isinstance(node, ast.Call) and self.full(node.func) in {MAKER, *known}:
                return True
            if isinstance(node, ast.Name) and node.id not in seen:
                values = _assigned(node.id, scope)
                if any(self.carries(value, scope, known, seen | {node.id}) for value in values):
                    return True
        return False

    def full(self, node: ast.AST) -> str:
        """The full dotted name of an expression: "django.core.cache.cache.add" for `cache.add`."""
        first, _, rest = dotted(node).partition(".")
        origin = self.names.get(first, first)
        return f"{origin}.{rest}" if rest else origin

    def _kept(self, node: ast.AST) -> Iterator[tuple[str, ast.AST | None]]:
        """(mechanism, the expression of the name); None where there is no expression to look at."""
        if isinstance(node, ast.Call):
            yield from self._called(node)
        elif isinstance(node, ast.Name | ast.Attribute) and self.full(node) in IN_MEMORY:
            yield "memory", None
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            yield from (("lock", None) for name in names if name.partition(".")[0] in LOCKING_MODULES)

    def _called(self, node: ast.Call) -> Iterator[tuple[str, ast.AST | None]]:
        called = self.full(node.func)
        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        first = given[0] if given else None
        if called in TAKERS:
            yield "cache", first
        elif store := STORES.get(called) or self._store(node.func):
            yield store, first
        elif first is not None and "advisory_" in ast.unparse(first):
            yield "lock", given[1] if len(given) > 1 else None
        elif called in BY_BROWSERS:
            yield "browser", None
        elif called in WITH_PATHS or called.startswith(WITH_PATHS_BEGIN):
            yield "file", first
        elif isinstance(node.func, ast.Attribute) and node.func.attr in ON_PATHS:
            yield "file", node.func.value

    def _store(self, function: ast.AST) -> str | None:
        """`cache.get`, `caches["default"].get`"""
        if not isinstance(function, ast.Attribute):
            return None
        owner = function.value.value if isinstance(function.value, ast.Subscript) else function.value
        return STORES.get(self.full(owner))


def _names(module: Module) -> dict[str, str]:
    """Name in the module → its full name: what is imported, and the module's own functions."""
    own = (node.name for node in module.tree.body if isinstance(node, FUNCTIONS))
    found = {name: f"{module.name}.{name}" for name in own}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            found |= {
                alias.asname or alias.name.partition(".")[0]: alias.name.partition(".")[0] for alias in node.names
            }
        elif isinstance(node, ast.ImportFrom):
            found |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return found


def _scopes(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every function, method and class by its qualified name, and the module itself under ""."""
    waiting: list[tuple[str, ast.AST]] = [("", tree)]
    while waiting:
        name, scope = waiting.pop()
        yield name, scope
        inner = [node for node in _own_nodes(scope, named=True) if isinstance(node, (*FUNCTIONS, ast.ClassDef))]
        waiting.extend((f"{name}.{node.name}".lstrip("."), node) for node in inner)


def _own_nodes(scope: ast.AST, *, named: bool = False) -> Iterator[ast.AST]:
    """The nodes of a scope without what functions and classes inside it hold; a decorator belongs to what it decorates.
    With `named`, these functions and classes themselves."""
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
            yield node
            waiting.extend(ast.iter_child_nodes(node))
        elif named:
            yield node


def _assigned(name: str, scope: ast.AST) -> Iterator[ast.expr]:
    """What a local variable may hold."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _by_place(name, target, node.value)
        elif isinstance(node, ast.withitem) and ast.unparse(node.optional_vars or ast.Pass()) == name:
            yield node.context_expr


def _by_place(name: str, target: ast.AST, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Name) and target.id == name:
        yield value
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for one, given in zip(target.elts, value.elts, strict=True):
            yield from _by_place(name, one, given)


@cache
def carriers() -> frozenset[str]:
    """The functions of ours whose every result carries the organisation."""
    known: set[str] = set()
    while more := {name for name, reader, one in _functions() if name not in known and _returns(reader, one, known)}:
        known |= more
    return frozenset(known)


@cache
def _functions() -> tuple[tuple[str, Reader, ast.FunctionDef], ...]:
    return tuple(
        (f"{module.name}.{node.name}", Reader(module), node)
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef)
    )


def _returns(reader: Reader, function: ast.FunctionDef, known: set[str]) -> bool:
    results = [node.value for node in _own_nodes(function) if isinstance(node, ast.Return)]
    return bool(results) and all(one is not None and reader.carries(one, function, known) for one in results)


@cache
def kept_outside_tables() -> tuple[Place, ...]:
    """Every place in config and the apps, migrations aside."""
    return tuple(place for module in written_by_hand() for place in Reader(module).places())
