"""Rows are written by operations, time is read by kernel.clock, and nobody else does either."""

import ast
from collections.abc import Iterator

from tests.architecture.source import Module, dotted, none, written_by_hand

ALWAYS_WRITES = {
    "bulk_create",
    "bulk_update",
    "get_or_create",
    "update_or_create",
    "abulk_create",
    "acreate",
    "asave",
    "adelete",
}
WRITES_WITHOUT_POSITIONALS = {"save", "create", "update", "delete"}
"""Called on rows with keywords or nothing; dict.update(x), digest.update(x), cache.delete(x), pdf.save(x) pass one."""

GENERIC_WRITERS: dict[str, str] = {
    "kernel.admin": "the one generic recorded write of reference rows in the admin",
    "licensing.rest.catalogue": "the same over REST: each write leaves its entry, nothing is deleted",
    "kernel.database": "changes the connection's dictionary of settings, no row",
    "jobs.tasks": "the scheduler's sign of life belongs to no organisation, so no ledger has a place for it",
}
"""Module outside operations that may write → why."""

CATCHES_EVERYTHING = {
    "kernel/rest/__init__.py": "handle_exception, which it calls, answers known errors and raises all others again",
    "identity/checks.py": "a check reports whatever an import fails with; the class of the error cannot be named",
}
"""File → why it catches everything and does not say `raise` there."""

CLOCK_READS = {
    "timezone.now", "timezone.localtime", "timezone.localdate", "datetime.now", "datetime.utcnow", "datetime.today",
    "datetime.datetime.now", "datetime.datetime.utcnow", "date.today", "datetime.date.today", "time.time",
    "time.time_ns", "django.utils.timezone.now",
}  # fmt: skip
CLOCK_READERS: dict[str, str] = {"kernel.clock": "the one clock"}
"""Module → why it may read the time. time.monotonic() measures waiting and decides nothing; it is free."""


def _is_operation(module: Module) -> bool:
    return "operations" in module.parts


def _writes(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, bare = node.func.attr, not node.args
        if name in ALWAYS_WRITES or (name in WRITES_WITHOUT_POSITIONALS and bare and _on_rows(node)):
            yield f"{module.at(node)} .{name}("


def _on_rows(node: ast.Call) -> bool:
    """`super().save()` of a form passes through; `.update()` without a keyword is no query."""
    assert isinstance(node.func, ast.Attribute)
    if isinstance(node.func.value, ast.Call) and dotted(node.func.value.func) == "super":
        return False
    return node.func.attr != "update" or bool(node.keywords)


def _clock_reads(module: Module) -> Iterator[str]:
    """Attribute reads, not only calls: `default=timezone.now` reads a clock as well."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and dotted(node) in CLOCK_READS:
            yield f"{module.at(node)} {dotted(node)}"


def test_rows_are_written_in_operations_alone():
    """A write outside an operation would have no ledger entry, no lock order and no transaction of its own."""
    writers = {module.name: list(_writes(module)) for module in written_by_hand() if not _is_operation(module)}
    none([where for name, found in writers.items() if name not in GENERIC_WRITERS for where in found])


def test_listed_writers_still_write():
    """The list of exceptions shrinks when a reason goes away."""
    writers = {module.name for module in written_by_hand() if list(_writes(module))}
    none(set(GENERIC_WRITERS) - writers)


def test_only_the_clock_reads_the_time():
    """Operations and rules get the time passed in, so that a test, a demo and the database can decide what now is."""
    found = [
        where for module in written_by_hand() if module.name not in CLOCK_READERS for where in _clock_reads(module)
    ]
    none(found)


def test_nothing_catches_everything_and_carries_on():
    """`except Exception` without a raise would swallow a broken trail, and with it a lost write."""
    silent = [
        (module.relative, module.at(node))
        for module in written_by_hand()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or dotted(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    ]
    none(at for file, at in silent if file not in CATCHES_EVERYTHING)
    none(set(CATCHES_EVERYTHING) - {file for file, _at in silent})


def test_operations_take_keywords_alone():
    """A call of an operation reads as a sentence, and swapped arguments of the same type cannot happen."""
    positional = [
        f"{module.at(node)} {node.name}"
        for module in written_by_hand()
        if _is_operation(module)
        for node in module.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _takes_trail(node)
        if node.args.args or node.args.posonlyargs
    ]
    none(positional)


def _takes_trail(node: ast.FunctionDef) -> bool:
    return any(argument.arg == "trail" for argument in [*node.args.args, *node.args.kwonlyargs])
