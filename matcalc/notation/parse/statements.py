"""From text to statements: choosing the lexer, splitting names, definitions and labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from matcalc.expr.errors import LimitError, MatcalcError, NoRuleError, ParseError
from matcalc.notation.kinds.letter_habits import usual_kind
from matcalc.notation.lex.habits import NUMBERS
from matcalc.notation.lex.lexer_plain import tokenize_plain
from matcalc.notation.lex.macros import BIG_OPERATORS
from matcalc.notation.lex.python_tokens import joined
from matcalc.notation.lex.sentence_words import with_prose
from matcalc.notation.lex.sequential import Sequential, in_order
from matcalc.notation.lex.syntax import LETTERS, Ast, Span, Statement, Text, Token, depths, walk
from matcalc.notation.meaning.stated import names_of, set_apart
from matcalc.notation.parse import asides, heads, questions, two_fonts
from matcalc.notation.parse.cursor import Words
from matcalc.notation.parse.heads import STARTS, in_signs, is_labelled, letters_of
from matcalc.notation.parse.indices import labelling
from matcalc.notation.parse.named_calls import BARS, is_conditional, refuse_density
from matcalc.notation.parse.parser import Parser
from matcalc.notation.parse.python_calls import marked
from matcalc.notation.parse.runs import is_conventional, split_names
from matcalc.notation.parse.sentences import opened

MAX_LENGTH = 400_000
MAX_WORDS = 50_000  # names, numbers and signs: each is worth more than a character of a comment
_LATEX = re.compile(r"\\|\{|[$∑∏]|_\+|\^[-+]\s*(?:[=),;\]]|$)")  # of which plain notation has none
# Nor has it sums that are typed with letters: sum_i (y_i - t_i)^2, Σᵢ yᵢ².
_SUM = re.compile(
    r"(?<!\w)(?:sum|prod)_(?:[ijknt]|[ijkl][jklm])(?!\w)(?:\^\S+)?[ ]*[(\[|‖\w](?!=)(?!.*\b(?:sum|prod)_\w+[ ]*=)"
    r"|(?<!['ᵀ⊤])(?<!['ᵀ⊤][ ])Σ(?:_?[ijknt](?!\w)|[ᵢⱼₖₙₜ]+|[ ])[ ]*(?=[\w(\[|‖√])(?=.*(?:[ᵢⱼₖₙₜ]|_[ijknt]))"
)
# A \ b and A\b, as Julia and MATLAB have them.
_LEFT_DIVISION = re.compile(r"(?<=[\w)\]'])[^\S\n]*\\(?:[^\S\n]+(?=[\w(])|(?=\((?!.*\\\)))|(?<!\^\w\\)(?=[a-z](?![A-Za-z])))")
_WORD = re.compile(r"\\?\w+|[^\w\s]")
# In plain notation: names of any spelling, and the comments of Python.
_ASIDE = re.compile(r"`[^`\n]+`|(?<!\\)#[^\n]*|\"{3}[^\"]*\"{3}")


class Names(NamedTuple):
    """What is known about names before reading."""

    declared: Collection[str] = ()
    functions: Collection[str] = ()
    macros: Mapping[str, str] | None = None
    fonts: str = ""  # whether a letter in two fonts is ``one`` object or ``two``; else it is asked about
    defines: bool = False  # every ``name(z) = …`` defines a function, whether it is applied or not


def _looks_like_latex(text: str) -> bool:
    """Whether the text is LaTeX; what stands in a comment or in a quoted name does not decide it."""
    aside = "`" in text or "#" in text or '"' in text
    text = _ASIDE.sub("", text) if aside else text
    if ("m_" in text or "d_" in text or "Σ" in text) and _SUM.search(text):
        return True
    return bool(_LATEX.search(text)) and bool(_LATEX.search(_LEFT_DIVISION.sub("/", text)))


def read(text: str, names: Names, notation: str | None = None) -> Text:
    """The text, read. Raises ``ParseError``, ``AmbiguityError`` or ``LimitError``, with the source attached."""
    try:
        _require_short(text)
        latex = _looks_like_latex(text) if notation is None else notation == "latex"
        python = numpy = ""
        fonts: Sequence[str] = ()
        spelled: dict[str, Token] = {}
        values = Sequential([])
        tokenize: Callable[[str], list[Token]] = tokenize_plain
        if latex:
            from matcalc.notation.lex.lexer_latex import tokenize_latex

            tokenize = partial(tokenize_latex, names=names.declared, macros=names.macros)
            first = tokenize(text)
            tokens = opened(first, text, tokenize)
            tokens, fonts = two_fonts.settled(tokens, names.declared, text, names.fonts)
            spelled = _spelled(tokens, first)
        else:
            values = in_order(tokenize_plain(text), names.declared)
            tokens, python, numpy = joined(with_prose(values.tokens, names.declared), names.declared)
        remarks = asides.in_comments(text, "%" if latex else "#", partial(opened, source=text, tokenize=tokenize), tokens)
        there = frozenset([t.text for t in tokens])
        minima: Sequence[str] = ()
        if "words" in there or any([x[:3] in STARTS for x in there]):
            tokens, minima = in_signs(tokens, names.declared)
            there = frozenset([t.text for t in tokens])
        tokens = asides.by_entries(tokens) if "..." in there else tokens
        tokens, said, notes, by, order = asides.taken_out(tokens) if "words" in there else asides.Asides(tokens, [], ())
        said, notes = [*remarks.facts, *said], (*remarks.notes, *notes)
        sums = not BIG_OPERATORS.isdisjoint(there) and any([t.kind == "cmd" and t.text in BIG_OPERATORS for t in tokens])
        labels = sums or labelling(tokens, names.declared)
        statements = _statements(tokens, names, latex, python, said)
        notes = (*values.notes, *fonts, *notes, *minima, *_signs_told(statements, tokens))
        return Text(statements, text, latex, numpy, sums, values.latest, notes, labels, spelled, bool(python), by, order)
    except MatcalcError as error:
        error.source = text if error.source is None else error.source
        raise


def _signs_told(statements: list[Statement], tokens: list[Token]) -> Iterator[str]:
    """What is to be said of signs that are read as others."""
    roots = [s.name for s in statements if s.body.mark == ROOT]
    yield from (f"'{name}' is read as the positive root, for the text defines its square" for name in roots)
    if any([t.mark == LETTERS for t in tokens]):
        yield "Σ, sum or prod with an index below, in front of what has it, is read as the sign of a sum or of a product"


def _spelled(tokens: list[Token], formulas: list[Token]) -> dict[str, Token]:
    """Where each name stands first, in a formula rather than in words."""
    found = [t for t in reversed(tokens) if t.kind == "name"]
    if len(tokens) != len(formulas):
        places = {t[2:4] for t in formulas}
        found.sort(key=lambda t: t[2:4] in places)
    return {t.text: t for t in found}


def _require_short(text: str) -> None:
    """Raises ``LimitError`` for what would take seconds to read."""
    if len(text) > MAX_LENGTH:
        raise LimitError(f"the input has {len(text)} characters; the limit is {MAX_LENGTH}", hint="split it")
    words = len(_WORD.findall(_ASIDE.sub("", text))) if len(text) > MAX_WORDS else 0
    if words > MAX_WORDS:
        raise LimitError(f"the input has {words:,} names, numbers and signs; the limit is {MAX_WORDS:,}", hint="split it")


def _statements(tokens: list[Token], names: Names, latex: bool, python: str, said: list[Statement]) -> list[Statement]:
    pieces, facts = set_apart(_split(tokens, latex))
    pieces, diagonal = asides.diagonal(pieces, names.declared)
    facts = [*said, *facts, *diagonal]
    if not pieces:
        what = "there is no formula beside the sizes" if facts else "the input is empty: no statement found"
        raise ParseError(what, hint="type an expression, such as  x'*A*x")
    defined = {p[0].text for p in pieces if len(p) > 2 and p[0].kind == "name" and p[1].text == "="}
    values = {**dict.fromkeys(defined, ()), **{p[0].text: tuple(_parameters(p)) for p in pieces if _is_function_head(p)}}
    pieces = [heads.of_values(p, values) for p in pieces]
    own = {p[0].text for p in pieces if _is_function_head(p)}
    own = {f for f in own if names.defines or _applied_elsewhere(f, pieces)}
    if len(pieces) == 1 and not latex and any(len(w) > 1 and is_conventional(w, False) and _names_in(w, tokens) for w in defined):
        raise questions.product_or_name(pieces[0])
    known = set(names.declared) | defined | names_of(facts)
    functions = {*names.functions, *own, *(str(s.name) for s in facts if s.body.kind == "maps")}
    out = facts
    for piece in pieces:
        bound = _parameters(piece) if piece[0].text in own and _is_function_head(piece) else ()
        there = known.union(bound) if bound else known
        asked = heads.read(piece, there, values)
        if not latex:
            asked = asked._replace(piece=split_names(asked.piece, there, functions))
        span = (piece[0].start, piece[-1].end)
        out.extend(_statement(asked, span, Reading(Words(there, functions, latex), python, pieces), own))
    if latex and any([t.kind == "op" and t.text in BARS for t in tokens]):
        for body in (b for s in out for b in (s.body, *s.others)):
            refuse_density(body)
    return out


def _names_in(word: str, tokens: list[Token]) -> bool:
    """Whether letters of ``Ax = …`` stand elsewhere; those of ``MSE = …`` do not."""
    return any(c in t.text for t in tokens if t.kind == "name" and t.text != word for c in word) or word[-1].islower()


class Reading(NamedTuple):
    """How the names and signs of a statement are read."""

    words: Words
    python: str  # the product sign of Python where it is Python, see python_tokens.joined
    pieces: Sequence[Sequence[Token]] = ()  # the whole text


_ENDING = frozenset((";", ",", "words"))
_EQUAL = frozenset(("=", "propto"))


def _split(tokens: list[Token], latex: bool) -> list[list[Token]]:
    """Token lists between the separators ``;`` (and, in LaTeX, commas outside of brackets)."""
    pieces: list[list[Token]] = [[]]
    depth = 0
    if _ENDING.isdisjoint([t.text for t in tokens]):
        pieces, tokens = [tokens[:-1]], tokens[-1:]
    for i, t in enumerate(tokens[:-1]):
        kind, text, ends = t.kind, t.text, False
        if kind == "open":
            depth += 1
        elif kind == "close":
            depth -= 1
        elif kind == "cmd":
            depth += text.startswith("begin:") - text.startswith("end:")
            ends = text == "words"
            questions.refuse_condition(t, tokens[i + 1 :])
        elif kind == "op":
            ends = text == ";" or (text == "," and depth <= 0 and (latex or not pieces[-1] or _says(tokens, i + 1)))
        if ends and depth <= 0:
            depth = 0
            pieces.append([])
        else:
            pieces[-1].append(t)
    end = tokens[-1]
    full = [p for p in pieces if p and not (p[0].kind == "cmd" and p[0].text.startswith("words"))]
    return [[*p, Token("end", "", p[-1].end, p[-1].end)] for p in full] if end else []


def _says(tokens: list[Token], i: int) -> bool:
    """Whether words or an equation stand behind a comma of plain text: a definition, or what holds of a name, ``A' = A``."""
    if tokens[i].kind == "cmd" and tokens[i].text == "words":
        return True
    signs = (t.text for t, depth in depths(tokens, i) if not depth and t.kind == "op" and t.text in ("=", "in", "->", ",", ";"))
    return next(signs, "") in ("=", "in", "->")


def _is_function_head(p: list[Token]) -> bool:
    """``name(z, …) =`` with plain names inside."""
    if len(p) < 6 or p[0].kind not in ("name", "fn") or p[1].text != "(":
        return False
    for i in range(2, len(p) - 2, 2):
        if p[i].kind != "name":
            return False
        if p[i + 1].text == ")":
            return p[i + 2].text == "="
        if p[i + 1].text != ",":
            return False
    return False


def _parameters(p: list[Token]) -> list[str]:
    return [t.text for t in p[2 : next(i for i, t in enumerate(p) if t.text == ")")] if t.kind == "name"]


def _applied_elsewhere(name: str, pieces: list[list[Token]]) -> bool:
    return any(
        t.text == name and p[i + 1].text in ("(", "'") and (i > 0 or not _is_function_head(p))
        for p in pieces
        for i, t in enumerate(p[:-1])
    )


def _statement(asked: heads.Head, span: Span, reading: Reading, own: set[str]) -> list[Statement]:
    piece = asked.piece
    if asked.order:
        body, *rights = _at_equals(piece)
        said = [r[:-1] for r in rights] + [list(asked.called)] * bool(asked.called)
        claims = tuple([(r[0].start, r[-1].end) for r in said])
        return [Statement(None, (), _whole(body, reading), span, by=asked.by, order=asked.order, claims=claims)]
    if asked.extreme:
        body, *names = _at_equals(piece)  # min_x f(x) = s
        if any(len(n) > 2 or n[0].kind != "name" for n in names):
            raise questions.equation(span)
        value, others = _whole(body, reading), tuple([_whole(n, reading) for n in names])
        return [Statement(None, (), value, span, others=others, extreme=asked.extreme)]
    head, segments = None, _at_equals(piece)
    if len(segments) > 1:
        head = segments[0]
        if len(head) == 2 and head[0].kind == "name":
            bodies = _told([_whole(s, reading) for s in segments[1:]])
            return [Statement(head[0].text, (), bodies[0], span, head[0].span, tuple(bodies[1:]))]
        if _is_function_head(piece):
            parameters = tuple(t.text for t in head[2:-2:2])
            if head[0].text not in own:
                parameters = ()
            bodies = _bodies(segments[1:], reading._replace(python=""), aside=bool(parameters))
            if reading.python:
                bodies = [b if _is_of_entries(b, parameters) else marked(b, reading.python) for b in bodies]
            tex = (segments[1][0].start, segments[1][-1].start) if reading.words.latex else None
            name_span = head[0].span
            return [Statement(head[0].text, parameters, bodies[0], span, name_span, tuple(bodies[1:]), tex=tex)]
        return [_equation(segments, span, reading)]
    return [Statement(None, (), _whole(piece, reading), span)]


def _is_of_entries(body: Ast, parameters: tuple[str, ...]) -> bool:
    """Whether the signs in the body of a function are of numbers: it has one parameter, and nothing of arrays in it."""
    names = {n.value for n in walk(body) if n.kind == "name"}
    of_arrays = any(n.kind == "call" and str(n.value[0]).startswith("np.") for n in walk(body))
    return len(parameters) == 1 and names <= {*parameters, *NUMBERS} and not of_arrays


def _told(bodies: list[Ast]) -> list[Ast]:
    """The members of a chain that say what the value is, where others only name it, as ``-\\ln p(t|w)`` does."""
    return ([b for b in bodies if not is_conditional(b)] or bodies) if len(bodies) > 1 else bodies


def _bodies(segments: list[list[Token]], reading: Reading, aside: bool) -> list[Ast]:
    """The members of a function's definition; in LaTeX, what our parser cannot read is set aside for another."""
    try:
        return _told([_whole(s, reading) for s in segments])
    except ParseError as error:
        if not (aside and reading.words.latex):
            raise
        return [Ast("unread", segments[0][0].start, segments[-1][-1].start, (), error)]


def _equation(segments: list[list[Token]], span: tuple[int, int], reading: Reading) -> Statement:
    """``label = body`` where the label is not a name, or a chain ``a = b`` of expressions."""
    first: Ast | None
    try:
        first = _whole(segments[0], reading)
    except MatcalcError:
        if not _is_label(segments[0]):
            raise
        first = None
    if first is not None and first.mark == "head":  # KL(p‖q) = …
        first = None
    if first is not None and len(segments) == 2 and (base := _squared(first, reading)):
        body = _whole(segments[1], reading)
        root = Ast("call", body.start, body.end, (body,), ("sqrt", 0), ROOT)
        return Statement(base, (), root, span, first.span)
    if first is not None:
        questions.refuse_equation(first, segments[1])
    if first is not None and is_conditional(first):
        first = None
    letters = letters_of(first, segments[1:]) if first is not None else ()
    labelled = first is not None and first.kind == "index" and is_labelled(first, segments[1:])
    bodies = _told([_whole(s, reading, () if labelled else letters) for s in segments[1:]])
    if first is not None and labelled:  # L_q = … q …
        label = f"{first.args[0].value}_{''.join(str(a.value) for a in first.args[1:])}"
        return Statement(label, (), bodies[0], span, first.span, tuple(bodies[1:]))
    if first is not None and reading.python and not letters and first.kind in ("index", "call"):
        raise NoRuleError("an assignment to a part of an array is not read", span=first.span,
                          hint="give the whole array a new value: x = np.where(x > 0, x, 0)")  # fmt: skip
    if first is not None and letters:
        name_span = first.span
        return Statement(first.args[0].value, (), bodies[0], span, name_span, tuple(bodies[1:]), letters)
    return Statement(None, (), bodies[-1], span, (0, 0), ((first,) if first else ()) + tuple(bodies[:-1]))


ROOT = "root"  # mark of the value of σ where σ² = … is said


def _squared(left: Ast, reading: Reading) -> str:
    r"""The σ of ``\sigma^2 = …`` that stands elsewhere, too, and of which nothing else is known."""
    if left.kind != "pow" or left.args[0].kind != "name" or left.args[1].kind != "num" or left.args[1].value != 2:
        return ""
    base = str(left.args[0].value)
    if base in reading.words.values or usual_kind(base) == "m":
        return ""
    return base if [t.text for p in reading.pieces for t in p if t.kind == "name"].count(base) > 1 else ""


def _is_label(head: list[Token]) -> bool:
    """A left-hand side such as ``J_{naive}(v, o, U)``: names in brackets, no arithmetic and no sign of a derivative."""
    return head[0].kind in ("name", "fn") and not any(t.kind == "cmd" or (t.kind == "op" and t.text in "+-*/") for t in head)


def _at_equals(piece: list[Token]) -> list[list[Token]]:
    """The members of an equation; each ends with an ``end`` token."""
    if _EQUAL.isdisjoint([t.text for t in piece]):
        return [piece]
    out: list[list[Token]] = [[]]
    for t, depth in depths(piece[:-1]):
        if depth == 0 and t.kind == "op" and t.text in _EQUAL:
            if not out[-1]:
                raise ParseError("nothing stands before '='", span=t.span, hint="write name = expression")
            out[-1].append(Token("end", "", t.start, t.start))
            out.append([])
        else:
            out[-1].append(t)
    if not out[-1]:
        raise ParseError("nothing follows '='", span=piece[-2].span, hint="write name = expression")
    out[-1].append(piece[-1])
    return out


def _whole(tokens: list[Token], reading: Reading, letters: Collection[str] = ()) -> Ast:
    """An expression; ``letters`` are indices that stand on the left, p_i: a sum over k ≠ i is one over k alone."""
    parser = Parser(tokens, reading.words)
    parser.indices = frozenset(letters)
    node = parser.expression()
    if not parser.at("end"):
        t = parser.here
        if t.kind == "close":
            raise parser.fail(f"'{t.text}' at column {t.start + 1} closes nothing", hint="remove it, or open it before")
        if t.kind == "op" and t.text in ("<=", ">=", "<", ">", "in", "!=", "approx"):
            raise parser.fail(f"'{t.text}' is not part of an expression", hint="give conditions with assume=…")
        raise parser.fail(f"unexpected '{t.text}'")
    return marked(node, reading.python) if reading.python else node
