"""The Pratt parser: tokens of either notation to one syntax tree.

Precedence, low to high: ``=``; ``+ -`` (prefix minus; the body of a big operator); explicit
products ``* / .* ./ @`` from left to right; juxtaposition; postfix ``_ ^ '``.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.expr.errors import LimitError, ParseError
from matcalc.notation.lex.syntax import BRAKET, LOWERED, QUAD, Ast, Token, signs_in
from matcalc.notation.parse import bare_numbers, bracketed_rows, questions
from matcalc.notation.parse.cursor import MAX_DEPTH, PAIRS, Cursor
from matcalc.notation.parse.indices import ONES, brackets_are_indices, in_brackets, indicator, is_class, subscript, with_rows
from matcalc.notation.parse.latex_operands import as_number, command, function
from matcalc.notation.parse.named_calls import between_bars, distribution, settled_call
from matcalc.notation.parse.python_calls import attribute, in_numpys_brackets
from matcalc.notation.parse.python_calls import function as python_function

MAX_DIGITS = 300
_ast = tuple.__new__  # a third of the time of Ast(…)
ADDED = ("+", "-")
NORMS = frozenset(("1", "2", "F", "infty", "inf", "∞", "p"))  # labels of |x| as of ‖x‖
PRODUCTS = ("*", "times", "/", ".*", "./", "@", "kron", "dot")


_BEHIND = frozenset(("'", "^", ".^", "_"))  # signs behind an operand
_MAY_FOLLOW = frozenset(("T", "attr", "open"))  # and other tokens


class Parser(Cursor):
    """Reads one statement's worth of tokens."""

    # -- sums and products ---------------------------------------------------

    def expression(self) -> Ast:
        t = self.tokens[self.i]
        start = t.start
        signs: list[str] = []
        terms: list[Ast] = []
        sign = self.take().text if t.text in ADDED and t.kind == "op" else "+"
        while True:
            signs.append(sign)
            terms.append(self.signed_term() if terms else self.term())
            t = self.tokens[self.i]
            if t.text not in ADDED or t.kind != "op":
                break
            sign = self.take().text
        if len(terms) == 1:
            return terms[0] if signs[0] == "+" else Ast("neg", start, terms[0].end, (terms[0],))
        return Ast("sum", start, terms[-1].end, tuple(terms), "".join(signs))

    def signed_term(self) -> Ast:
        """After a sign: a term with one of its own, ``a + -1*b``, as programs have it; ``+-`` and ``--`` may be something else."""
        if self.latex or not (self.at("op", "-") and self.here.space):
            return self.term()
        minus, inner = self.take(), self.term()
        return Ast("neg", minus.start, inner.end, (inner,))

    def term(self) -> Ast:
        """A product, or ``A : B``, the sum of the entries of A ∘ B, which binds looser than products."""
        left = self.product()
        if not self.latex or not self.at("op", ":"):
            return left
        self.take()
        right = self.product()
        if self.at("op", ":"):
            raise self.fail("A : B : C takes the product of a number and a matrix", hint="write (A:B)\\,C")
        return Ast("angle", left.start, right.end, (left, right))

    def product(self) -> Ast:
        factors = [self.juxtaposed()]
        operators: list[str] = []
        while (op := self.tokens[self.i]).kind == "op" and (op.text in PRODUCTS or (op.text == "\\" and not self.latex)):
            self.i += 1
            if op.text == "\\":  # A \ b: all that stands before it is inverted
                factors = [self.inverted(factors, operators)]
                op = op._replace(text="*")
                operators.clear()
            operators.append("conv" if op.mark == "ast" else op.text)
            if self.at("op", "-"):
                minus = self.take()
                operand = self.juxtaposed()
                factors.append(Ast("neg", minus.start, operand.end, (operand,)))
            else:
                operand = self.juxtaposed()
                factors.append(as_number(operand) if op.text == "/" else operand)
            last = factors[-1]
            questions.refuse_composition(self, factors[-2], op, last)
            if op.text == "/" and last.kind == "prod" and last.value[0] == " " and last.start == last.args[0].start:
                if not questions.is_fraction(self, factors[-2], last):
                    raise questions.quotient(factors[-2], last)
                factors[-1:] = last.args
                operators += last.value
        if len(factors) == 1:
            return factors[0]
        factors = bare_numbers.beside_transposes(factors, operators)
        return _ast(Ast, ("prod", factors[0].start, factors[-1].end, tuple(factors), tuple(operators), ""))

    def inverted(self, factors: list[Ast], operators: list[str]) -> Ast:
        node = factors[0]
        if operators:
            node = Ast("prod", node.start, factors[-1].end, tuple(factors), tuple(operators))
        return Ast("call", node.start, node.end, (node,), ("inv", 0), "\\")

    def juxtaposed(self) -> Ast:
        factors = [self.factor()]
        while self.starts_operand():
            factors.append(self.factor())
        if len(factors) == 1:
            return factors[0]
        signs = (" ",) * (len(factors) - 1)
        factors = bare_numbers.beside_transposes(with_rows(factors), signs)
        bare_numbers.refuse_number_behind(factors)
        return Ast("prod", factors[0].start, factors[-1].end, tuple(factors), signs)

    # -- operands and what follows them --------------------------------------

    def factor(self) -> Ast:
        return self.postfix(self.primary())

    def postfix(self, node: Ast) -> Ast:
        powers = 0
        signs = 0
        while True:
            t = self.tokens[self.i]
            if t.text not in _BEHIND if t.kind == "op" else t.kind not in _MAY_FOLLOW:
                return node
            signs += 1
            if signs > MAX_DEPTH:
                raise LimitError(
                    f"more than {MAX_DEPTH} signs after one operand", span=t.span, hint="name a part of the expression"
                )
            if t.kind == "T" or (t.kind == "op" and t.text == "'"):
                node = Ast("T", node.start, t.end, (bare_numbers.turned(self, node, self.take()),), t.mark)
            elif t.kind == "op" and t.text in ("^", ".^"):
                powers += 1
                if powers > 1:
                    raise questions.power_of_power(node, self.tokens[self.i + 1])
                self.take()
                base, node = node, self.power(node, t)
                questions.refuse_squared_function(self, base, node)
                continue
            elif t.kind == "op" and t.text == "_":
                self.take()
                if node.kind == "norm" and not node.value:  # {‖x‖}_2
                    which, end = self.norm_label()
                    node = node._replace(value=which, end=end.end)
                    continue
                node = subscript(self, node)
                questions.refuse_entry_of_function(self, node)
            elif t.kind == "attr":
                node = attribute(self, node)
            elif t.kind == "open" and t.text == "[" and not (t.space or self.latex) and (found := in_numpys_brackets(self, node)):
                node = found
            elif t.kind == "open" and t.text == "[" and not t.space and self.indexes(node):
                node = in_brackets(self, node)
            else:
                questions.refuse_entry_in_brackets(self, node, self.latex)
                return node
            powers = 0

    def indexes(self, base: Ast) -> bool:
        """Whether the bracket at hand is an index."""
        return is_class(self, base) if self.latex else brackets_are_indices(self, base)

    def power(self, base: Ast, op: Token) -> Ast:
        if self.at("name", "T") and op.text == "^" and not self.words.is_function("T", False):
            t = self.take()
            return Ast("T", base.start, t.end, (bare_numbers.turned(self, base, t),), "^")
        if self.at("open", "{") and [x.text for x in self.tokens[self.i + 1 : self.i + 3]] == ["+", "}"]:
            self.i += 3  # A^{+}
            return Ast("call", base.start, self.tokens[self.i - 1].end, (base,), ("pinv", 0))
        sign = self.tokens[self.i + self.at("open", "{")]
        if sign.kind == "name" and sign.text in ("H", "dagger") and (question := questions.conjugate(self, base, sign)):
            raise question
        exponent = self.exponent(base)
        if exponent.kind == "T" and not (op.text == ".^" and exponent.args[0].kind != "num"):  # X^{-T}; x.^(y') is no transpose
            inner = Ast("pow", base.start, exponent.end, (base, exponent.args[0]), op.text)
            return Ast("T", base.start, exponent.end, (inner,), exponent.value)
        if bare_numbers.is_euler(self, base, op, exponent):
            return Ast("call", base.start, exponent.end, (exponent,), ("exp", 0), "e")
        return Ast("pow", base.start, exponent.end, (base, exponent), op.text)

    def exponent(self, base: Ast) -> Ast:
        starred = self.at("op", "*") or (self.at("open", "{") and self.tokens[self.i + 1].text == "*")
        if starred:
            raise questions.star(self, base)
        if self.at("open", "{"):
            return self.group()
        if self.at("open", "("):
            opener, group = self.here, self.group()
            questions.refuse_index_behind_power(self, base, opener, group)
            number = (group.args[0] if group.kind == "neg" else group).kind in ("num", "T")
            return group if number else self.placed(group, group.kind)
        if self.at("op", "+", "-"):
            sign = self.take()
            if self.at("name", "T") or self.at("T"):
                t = self.take()
                one = Ast("num", sign.start, t.end, (), Fraction(-1))
                return Ast("T", sign.start, t.end, (one,), "^" if t.kind == "name" else t.mark)
            value = self.placed(self.primary())
            return Ast("neg", sign.start, value.end, (value,)) if sign.text == "-" else value
        return self.placed(self.primary())

    def placed(self, exponent: Ast, *kinds: str) -> Ast:
        """An exponent with its own indices, as programs bind them: x^W[1,2], x.^(v + w)[2]; not X^(-1)[1,2]."""
        kinds = ("name", "call", "index", *kinds)
        while self.at("open", "[") and not (self.here.space or self.latex) and exponent.kind in kinds:
            exponent = in_brackets(self, exponent)
        return exponent

    def primary(self) -> Ast:
        t = self.here
        if self.latex and t.text in ONES and (found := indicator(self)):
            return found
        if t.kind == "num":
            self.take()
            return Ast("num", t.start, t.end, (), self.number(t))
        if t.kind == "name":
            return self.name()
        if t.kind == "fn":
            self.take()
            return function(self, t)
        if t.kind == "open":
            return self.group()
        if t.kind == "cmd":
            return command(self)
        if t.kind == "np":
            return python_function(self)
        raise self.unexpected()

    def number(self, t: Token) -> Fraction:
        """The exact value; a number of more than MAX_DIGITS digits is refused before it is computed."""
        digits, _, exponent = t.text.lower().partition("e")
        if len(digits) > MAX_DIGITS or len(exponent) > 5 or abs(int(exponent or 0)) > MAX_DIGITS:
            raise LimitError(f"a number of more than {MAX_DIGITS} digits", span=t.span, hint="give it a name: declare a scalar")
        return Fraction(t.text)

    def unexpected(self) -> ParseError:
        t = self.here
        before = self.tokens[self.i - 1] if self.i else None
        if t.kind == "end":
            if before is None:
                return self.fail("the input is empty", hint="type an expression, such as  x'*A*x")
            return self.fail(f"the expression stops after '{before.text}': an operand is missing", before)
        shown = "end of statement" if t.text == ";" else t.text if t.kind == "string" else f"'{t.text}'"
        if before is not None and before.kind == "op" and t.kind == "op":
            hint = "a term with a sign of its own stands in brackets: x + (-y)" if t.text in ("+", "-") else None
            return self.fail(f"two operators in a row: '{before.text}' and '{t.text}' at column {t.start + 1}", hint=hint)
        return self.fail(f"an operand is expected here, not {shown}")

    def group(self) -> Ast:
        """A bracketed expression, ``|x|``, ``‖x‖``, ``⟨a, b⟩`` or a list of blocks."""
        applied = self.i > 0 and self.tokens[self.i - 1].kind in ("fn", "np")
        opener = self.take()
        self.enter()
        if opener.text == "[" and not (self.latex or applied):
            bracketed_rows.with_commas(self)
        if opener.text == "[" and opener.start >= 0 and any(signs_in(self.tokens, self.i - 1, (",", ";"))):
            return self.blocks(opener)
        if self.at("close", PAIRS[opener.text]):
            raise self.fail(f"empty brackets '{opener.text}{self.here.text}'", opener)
        body = self.expression()
        self.depth -= 1
        if opener.text == "<":
            if self.at("close", ">") and (parts := between_bars(body)):
                return Ast("angle", opener.start, self.take().end, parts, mark=BRAKET)
            if not self.at("op", ",", "|"):
                raise self.fail("an inner product ⟨a, b⟩ needs a comma")
            mark = BRAKET if self.take().text == "|" else ""
            right = self.expression()
            end = self.close(opener)
            if self.at("op", "_"):
                self.take()
                questions.refuse_product_label(opener, *self.norm_label())
            return Ast("angle", opener.start, end.end, (body, right), mark=mark)
        end = self.close(opener)
        normed = self.at("op", "_") and self.tokens[self.i + 1 + self.tokens[self.i + 1].text.count("{")].text in NORMS
        if opener.text == "|" and not normed:
            return Ast("bars", opener.start, end.end, (body,))
        if opener.text in ("|", "||"):
            return self.norm(opener, body, end)
        return body._replace(start=opener.start, end=end.end)

    def norm(self, opener: Token, body: Ast, end: Token) -> Ast:
        """‖x‖ with the subscript and the square that may follow in either order."""
        which, power = bare_numbers.lowered(self, end), None
        mark = LOWERED if which else ""
        for _ in range(2):
            if self.at("op", "^") and power is None and not which:
                save = self.i
                self.take()
                power = self.exponent(body)
                if not self.at("op", "_"):
                    self.i = save
                    power = None
                    break
            elif self.at("op", "_"):
                self.take()
                which, end = self.norm_label()
        mark = f"^{power.value}" if power is not None and power.kind == "num" else mark  # ‖A‖²_2
        last = self.tokens[self.i - 1].end if mark == LOWERED and power is None else end.end
        node = Ast("norm", opener.start, last, (body,), which, mark)
        return node if power is None else Ast("pow", opener.start, end.end, (node, power), "^")

    def norm_label(self) -> tuple[str, Token]:
        if not self.at("open", "{"):
            t = self.take()
            return t.text, t
        opener = self.take()
        text, depth = "", 0
        while not self.at("end") and not (self.at("close") and not depth):
            t = self.take()
            depth += (t.kind == "open") - (t.kind == "close")
            text += t.text if t.kind not in ("open", "close") else ""
        return text, self.close(opener)

    def blocks(self, opener: Token) -> Ast:
        """``[A, B; C, D]``: blocks beside and below each other."""
        nested = self.at("open", "[")
        rows, mark = [[self.expression()]], opener.text
        while self.at("op", ",", ";"):
            sign = self.take()
            if sign.text == ";":
                rows.append([self.expression()])
            else:
                mark = QUAD if sign.end - sign.start > 1 else mark  # a comma that is \quad
                rows[-1].append(self.expression())
        self.depth -= 1
        end = self.close(opener)
        if len({len(r) for r in rows}) > 1:
            raise self.fail("the rows of blocks have different lengths", opener)
        node = Ast("blocks", opener.start, end.end, tuple(x for r in rows for x in r), len(rows[0]), mark)
        return node if self.latex else bracketed_rows.of_lists(node, nested)

    # -- functions --------------------------------------------------------------

    def name(self) -> Ast:
        t = self.take()
        if (self.here.kind == "open" or t.text in ("K", "EE")) and (found := distribution(self, t)) is not None:
            return found
        primes = 0
        while self.tokens[self.i + primes].text == "'" and self.tokens[self.i + primes].kind == "op":
            primes += 1
        after = self.tokens[self.i + primes]
        if after.kind == "open" and after.text == "(":
            if self.words.is_function(t.text, not after.space):
                self.i += primes
                return self.call(t, primes)
            questions.refuse_application(self, t)
        mark = "operator" if questions.is_operator(self, t) else t.mark
        return _ast(Ast, ("name", t.start, t.end, (), t.text, mark))

    def call(self, t: Token, primes: int = 0) -> Ast:
        opener = self.take()
        self.enter()
        arguments: list[Ast] = []
        if self.at("close", ")", "\\}", "]"):
            end = self.close(opener)
            raise ParseError(f"{t.text}() needs an argument", span=(t.start, end.end), hint=f"write {t.text}(x)")
        while True:
            arguments.append(self.argument())
            if not self.at("op", ","):
                break
            self.take()
        self.depth -= 1
        end = self.close(opener)
        mark = t.mark if t.kind == "fn" else ""
        return settled_call(self, Ast("call", t.start, end.end, tuple(arguments), (t.text, primes), mark))

    def argument(self) -> Ast:
        t = self.tokens[self.i]
        if t.kind == "string":
            self.i += 1
            return Ast("string", t.start, t.end, (), t.text[1:-1])
        if t.kind == "name" and self.tokens[self.i + 1].kind == "op" and self.tokens[self.i + 1].text == "=":
            self.i += 2
            value = self.argument()
            return Ast("keyword", t.start, value.end, (value,), t.text)
        return self.expression()
