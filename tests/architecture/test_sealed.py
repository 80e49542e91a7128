"""What the vault seals can be sealed again: every place stands on a list that `manage.py rotate_keys` walks."""

import ast
import importlib
from collections.abc import Iterator

from tests.architecture.source import Module, none, written_by_hand


def sealing_calls(tree: ast.AST) -> Iterator[ast.expr]:
    """The place that is given to each call of `vault().encrypt`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "vault().encrypt":
            yield next(keyword.value for keyword in node.keywords if keyword.arg == "aad")


def function_of(module: Module, called: ast.expr) -> str:
    """The full name of the function that names a place, wherever it is imported from; "" for a bare text."""
    if not isinstance(called, ast.Call) or not isinstance(called.func, ast.Name):
        return ""
    function = getattr(importlib.import_module(module.name), called.func.id)
    return f"{function.__module__}.{function.__qualname__}"


def listed() -> set[str]:
    """The functions that give the place of a row in a `SealedColumn` of some `sealed.py`."""
    return {
        function_of(module, node.body)
        for module in written_by_hand()
        if module.parts[-1] == "sealed"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Lambda)
    }


def test_whatever_is_sealed_is_sealed_again_with_a_new_key():
    """A call of `vault().encrypt` names its place by a function, and a `SealedColumn` names the same one."""
    known = listed()
    none(
        f"{module.at(place)}: {ast.unparse(place)} is the place of no SealedColumn"
        for module in written_by_hand()
        for place in sealing_calls(module.tree)
        if function_of(module, place) not in known
    )


def test_the_vault_is_never_kept_under_another_name():
    """The test above finds calls by their wording, so there is one wording."""
    none(
        module.at(node)
        for module in written_by_hand()
        for node in ast.walk(module.tree)
        if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Return))
        and node.value is not None
        and ast.unparse(node.value) == "vault()"
    )


def test_an_unlisted_place_is_found():
    """The check itself: a bare text, which is how a place of its own making would look, is no place that is known."""
    module = next(module for module in written_by_hand() if module.relative == "identity/channels.py")
    made_up = ast.parse('vault().encrypt(secret, aad=f"somewhere:{place}")')
    assert [function_of(module, place) for place in sealing_calls(made_up)] == [""]
    assert "" not in listed()
