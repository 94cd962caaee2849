"""What a formula in Typst says, in the form in which ``tests.mathml_reader`` says what MathML and LaTeX do."""

from __future__ import annotations

import re

from tests.mathml_reader import ordered

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|#?[A-Za-z][A-Za-z.]*\(|[a-z]{2,}(?:\.[a-z]+)?|[_^]\(|#\w+|\d+(?:\.\d+)?(?:em)?|\S')
SILENT = {"thin", "quad", "wide"}
SIGNS = {"dot.op": "·", "dots.h": "…", "'": "^{′}"}
MACROS = {"macron": "bar", "dot.double": "ddot", "caron": "check", "circle": "mathring", "arrow": "vec"}
KEPT = {"frac", "sqrt", "hat", "tilde", "dot", "breve", "acute", "grave", "underline", *MACROS}


def said(formula: str) -> str:
    reader = _Reader(_TOKEN.findall(formula))
    (rows,) = reader.arguments("")
    return ordered(rows[0])


class _Reader:
    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens
        self.at = 0

    def arguments(self, end: str) -> list[list[str]]:
        """Rows of arguments up to the bracket that closes them."""
        rows, text = [[]], ""  # type: list[list[str]], str
        while True:
            token = self.tokens[self.at] if self.at < len(self.tokens) else ""
            self.at += 1
            if token in (end, ",", ";"):
                rows[-1].append(text)
                text = ""
                if token == end:
                    return rows
                rows += [[]] if token == ";" else []
            else:
                text += self.item(token)

    def item(self, token: str) -> str:
        if token[0] == '"':
            return re.sub(r"\\(.)", r"\1", token[1:-1]).replace(" ", "").replace("^", "⌃").replace("-", "−")
        if token[0] == "\\":
            return token[1]
        if token in ("_(", "^("):
            return f"{token[0]}{{{self.arguments(')')[0][0]}}}"
        if token[-1] == "(":
            return self.call(token[:-1], self.arguments(")"))
        return "" if token in SILENT else SIGNS.get(token, token)

    def call(self, name: str, rows: list[list[str]]) -> str:
        (first, *more), *_ = rows
        if name == "#h":
            return ""
        if name == "attach":
            marks = dict(mark.split(":", 1) for mark in more)
            return first + "".join(f"{sign}{{{marks[key]}}}" for key, sign in (("b", "_"), ("t", "^")) if key in marks)
        if name == "mat":
            rows[0] = more  # without the delimiter
            return "[" + ";".join("&".join(row) for row in rows) + "]"
        if name == "cases":
            return "{" + ";".join(rows[0])
        if name in KEPT:
            return "\\" + MACROS.get(name, name) + "".join(f"{{{one}}}" for one in rows[0])
        return first
