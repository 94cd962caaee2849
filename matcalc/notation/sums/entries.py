"""Definitions entry by entry: ``p_j = e^{z_j}/Σ_k e^{z_k}`` defines the vector p, ``k_{ij} = x_iᵀ x_j`` a matrix,
``h_i = W x_i`` the matrix whose rows are the vectors h_iᵀ.

The right-hand side is a family over its letters, as the body of a sum is; its values, kept as one array, are the
value of the name. Uses such as ``p_k`` or ``h_j`` then are entries and slices of that array.
"""

from __future__ import annotations

from matcalc.expr.errors import NoRuleError, ParseError, ShapeError
from matcalc.notation.lex.syntax import Ast, Binder, Statement, walk
from matcalc.notation.meaning.tape import Scope
from matcalc.notation.sums.bounds import template
from matcalc.notation.sums.families import family
from matcalc.notation.sums.family import Family, no_form
from matcalc.notation.sums.family_algebra import spread
from matcalc.notation.sums.lifts import EACH, draft


def by_entries(scope: Scope, statement: Statement) -> Statement:
    """``p_j = …`` where index= says that p_j is p[j]: a definition of p."""
    if statement.letters and not _by_index(scope, statement):  # h_t = W x_t of objects that are called so
        label = "".join(statement.letters)
        return statement._replace(name=f"{statement.name}_{label}", letters=())
    token = scope.slices.get(statement.name or "")
    if token is None or statement.name in scope.declared or statement.letters:
        return statement
    array, places = token
    return statement._replace(name=array, letters=tuple(p for p in places if p != ":"))


def _by_index(scope: Scope, statement: Statement) -> bool:
    """Whether the letters stand as indices on the right: in slices, or below names that are not declared with them."""
    letters = set(statement.letters)
    for node in walk(statement.body):
        if node.kind == "name" and letters.intersection(scope.slices.get(node.value, ("", ()))[1]):
            return True
        if node.kind == "index" and any(a.kind == "name" and a.value in letters for a in node.args[1:]):
            return True
    return not any(node.kind == "name" and node.value in scope.declared and "_" in node.value for node in walk(statement.body))


def read(scope: Scope, statement: Statement) -> int:
    """The array that the entries make, on the tape. Raises ``ParseError``, ``ShapeError``, ``NoRuleError``."""
    letters, body = statement.letters, statement.body
    node = Ast("bigop", body.start, body.end, (body,), (EACH, Binder(letters)))
    scope.readings.clear()
    scope.expansions.clear()
    scope.bound = set(letters)
    try:
        values = family(scope, body)
    except NoRuleError as error:
        if statement.name is None:
            what = f"the formula is read as that of the entries of a vector, for each {letters[0]}, and that is not done at once"
        else:
            shown = f"'{statement.name}_{''.join(letters)} = …' gives the entries of {statement.name} one by one"
            what = f"{shown}, and not all of it can be done at once"
        raise NoRuleError(f"{what}: {error.message}", span=error.span or statement.span, hint=error.hint) from None
    finally:
        scope.bound = set()
    missing = [x for x in letters if x not in values.labels]
    if missing or len(set(letters)) < len(letters):
        raise ParseError(f"the right-hand side does not depend on the index {(missing or letters)[0]}", span=statement.span,
                         hint=f"write {statement.name} = …, without the index")  # fmt: skip
    if loose := [x for x in values.labels if x not in letters]:  # Einstein's convention
        raise ParseError(f"the index {loose[0]} is not bound by a sum here", span=statement.span,
                         hint=f"write \\sum_{{{loose[0]}}} in front of the right-hand side")  # fmt: skip
    index = _array(scope, values, letters, node)
    if statement.name is not None:
        _remember(scope, statement, values)
    scope.lifts.append(draft(scope, node, index))
    return index


def _array(scope: Scope, values: Family, letters: tuple[str, ...], node: Ast) -> int:
    if values.inner == "s":
        return spread(scope, values, letters, values, node)
    if values.inner != "c" or len(letters) > 1:
        raise no_form(scope, node)
    return values.core


def _remember(scope: Scope, statement: Statement, values: Family) -> None:
    """What ``h_j`` is a slice of, from here on."""
    name, letters = str(statement.name), statement.letters
    places = letters if values.inner == "s" else (*letters, ":")
    given = template(scope, name, len(letters))
    if given is not None and given[0] == name and [p == ":" for p in given[1]] != [p == ":" for p in places]:
        what = "scalars" if values.inner == "s" else "vectors"
        raise ShapeError(f"the entries of '{name}' are {what} here, and index= says that they are {name}[{','.join(given[1])}]",
                         span=statement.span, hint="correct index=, or leave the entry out")  # fmt: skip
    if given is None:
        scope.slices[f"{name}_{''.join(letters)}"] = name, places
