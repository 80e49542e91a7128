"""What a GraphQL request may ask for: bounds on its text and its shape, each with its own refusal; kernel.graphql.cost
counts the answer.

The bounds are constants on purpose. Nothing here touches the database; each check is linear in the length of the text,
and the cheap ones come before the library's own rules, some of which are not.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)
from graphql.language import Lexer, Source, TokenKind

from kernel.errors import InvalidInput, Refusal

MOST_BYTES = 256 * 1024
MOST_TOKENS = 2_000
MOST_BRACKETS = 60
MOST_DEPTH = 12
MOST_INTROSPECTION_DEPTH = 20
MOST_ALIASES = 20
MOST_FIELDS = 300
MOST_FRAGMENTS = 30
MOST_QUERY_ROOTS = 20
MOST_MUTATION_ROOTS = 10
MOST_INTROSPECTIONS = 2
MOST_COST = 50_000
MOST_ROWS = 200
USUAL_ROWS = 50
FEW_VALUES = 10
"""What a list that is no page is taken to hold when the cost is counted."""
MOST_SECONDS = 10
MOST_STATEMENTS = 500

OPENING = frozenset({TokenKind.BRACE_L, TokenKind.BRACKET_L, TokenKind.PAREN_L})
CLOSING = frozenset({TokenKind.BRACE_R, TokenKind.BRACKET_R, TokenKind.PAREN_R})
TEXTS = frozenset({TokenKind.STRING, TokenKind.BLOCK_STRING})


class QuerySyntax(InvalidInput):
    """The text of the request is not GraphQL."""

    code = "QUERY_SYNTAX"


class QueryInvalid(InvalidInput):
    """The request asks for what the schema does not have, or gives values of the wrong type."""

    code = "QUERY_INVALID"


class QueryTooLong(InvalidInput):
    """The text of the request has more tokens, or deeper brackets, than are read."""

    code = "QUERY_TOO_LONG"


class QueryTooDeep(InvalidInput):
    """Fields of the request are nested more deeply than is answered."""

    code = "QUERY_TOO_DEEP"


class TooManyAliases(InvalidInput):
    """The request gives more fields another name than is allowed."""

    code = "QUERY_TOO_MANY_ALIASES"


class QueryTooWide(InvalidInput):
    """The request has more fields, fragments or root fields than are answered at once."""

    code = "QUERY_TOO_WIDE"


class CursorInvalid(InvalidInput):
    """The cursor is none that this interface gave."""

    code = "CURSOR_INVALID"


class BatchRefused(InvalidInput):
    """One request carries one operation; a list of them is not read."""

    code = "QUERY_BATCH_REFUSED"


class QueryTooSlow(Refusal):
    """The answer took longer than is allowed and was given up; ask for less at once."""

    code = "QUERY_TOO_SLOW"
    status = 503


def checked_source(text: str) -> None:
    """Raises QueryTooLong for a text that the parser should not see, QuerySyntax for one that is no GraphQL, and
    InvalidInput for a NUL in a string, which no database takes."""
    lexer, tokens, depth = Lexer(Source(text)), 0, 0
    try:
        while (token := lexer.advance()).kind is not TokenKind.EOF:
            tokens += 1
            depth += (token.kind in OPENING) - (token.kind in CLOSING)
            if tokens > MOST_TOKENS or depth > MOST_BRACKETS:
                raise QueryTooLong(
                    _("A request has at most %(tokens)d tokens and %(depth)d open brackets.")
                    % {"tokens": MOST_TOKENS, "depth": MOST_BRACKETS}
                )
            if token.kind in TEXTS and "\0" in (token.value or ""):
                raise InvalidInput(_("A text holds the character NUL."), pointer="/query")
    except GraphQLError as error:
        raise QuerySyntax(error.message) from error


def checked_variables(variables: Mapping[str, Any]) -> None:
    """Raises InvalidInput that points at a text with a NUL."""
    waiting: list[tuple[str, Any]] = [("/variables", variables)]
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            raise InvalidInput(_("A text holds the character NUL."), pointer=pointer)
        if isinstance(value, Mapping):
            if any("\0" in name for name in value):
                raise InvalidInput(_("A name holds the character NUL."), pointer=pointer)
            waiting += [(f"{pointer}/{name}", inner) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(f"{pointer}/{place}", inner) for place, inner in enumerate(value)]


class Shape:
    """Counts a parsed document before it is validated, following fragments; one that contains itself counts once."""

    def __init__(self, document: DocumentNode) -> None:
        self.fields = self.aliases = 0
        self.fragments: dict[str, FragmentDefinitionNode] = {}
        self._depths: dict[str, int] = {}
        self.operations: list[OperationDefinitionNode] = []
        for definition in document.definitions:
            if isinstance(definition, FragmentDefinitionNode):
                self.fragments[definition.name.value] = definition
            elif isinstance(definition, OperationDefinitionNode):
                self.operations.append(definition)
        self._definitions = len(document.definitions)

    def check(self) -> None:
        """Raises QueryTooWide, TooManyAliases or QueryTooDeep."""
        if self._definitions > MOST_FRAGMENTS:
            raise QueryTooWide(_("A request has at most %(most)d fragments.") % {"most": MOST_FRAGMENTS})
        for definition in (*self.operations, *self.fragments.values()):
            self._count(definition.selection_set)
        for operation in self.operations:
            self._depth(operation.selection_set)

    def _count(self, selections: SelectionSetNode) -> None:
        for one in selections.selections:
            if isinstance(one, FieldNode):
                self.fields += 1
                self.aliases += one.alias is not None
            if self.fields > MOST_FIELDS:
                raise QueryTooWide(_("A request has at most %(most)d fields.") % {"most": MOST_FIELDS})
            if self.aliases > MOST_ALIASES:
                raise TooManyAliases(_("A request has at most %(most)d aliases.") % {"most": MOST_ALIASES})
            inner = getattr(one, "selection_set", None)
            if inner is not None:
                self._count(inner)

    def _depth(self, selections: SelectionSetNode, above: int = 0, most: int = MOST_DEPTH) -> int:
        deepest = above
        for one in selections.selections:
            if isinstance(one, FieldNode):
                allowed = MOST_INTROSPECTION_DEPTH if one.name.value.startswith("__") else most
                if above + 1 > allowed:
                    raise QueryTooDeep(_("Fields are nested at most %(most)d deep.") % {"most": allowed})
                inner = one.selection_set
                deepest = max(deepest, self._depth(inner, above + 1, allowed) if inner else above + 1)
            elif isinstance(one, InlineFragmentNode):
                deepest = max(deepest, self._depth(one.selection_set, above, most))
            elif isinstance(one, FragmentSpreadNode):
                deepest = max(deepest, above + self._depth_of_fragment(one.name.value, above, most))
        return deepest

    def _depth_of_fragment(self, name: str, above: int, most: int) -> int:
        if name not in self._depths:
            self._depths[name] = 0  # a fragment within itself adds nothing; the library's own rule refuses it
            fragment = self.fragments.get(name)
            self._depths[name] = self._depth(fragment.selection_set, 0, MOST_INTROSPECTION_DEPTH) if fragment else 0
        if above + self._depths[name] > most:
            raise QueryTooDeep(_("Fields are nested at most %(most)d deep.") % {"most": most})
        return self._depths[name]
