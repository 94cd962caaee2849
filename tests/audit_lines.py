"""One printed line judged: its left side by differences, and every member against it."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from tests.audit_reader import RAISED, N, Unreadable, W, two_axes, unlatex

CLOSE = 1e-5
UNDER = r"(?:_((?:[a-z]|\([a-z]+\))+))?"


def judged(d: Any, line: Any, truth: Any) -> Any:
    from tests.audit import Finding

    members = [unicode_of(m) if line.latex else m for m in line.members]
    left = members[0]
    if line.section == "Rewritten" and ("Σ" in left or r"\sum" in line.members[0]):
        return Finding("sum", line)
    if own(d, left):
        return Finding("own", line)
    if line.section == "Unfolded" and re.fullmatch(rf"(?:\d+ ?)?{N} (?:\\, )?(?:d|\\mathrm\{{d\}}){N}", left):
        return Finding("implicit", line)
    named = None
    new = left not in truth.reader.printed or left in truth.reader.aliases
    if re.fullmatch(N, left) and new and len(members) > 1 and (members[1][:1] == "∂"):
        named, members, line = left, members[1:], line._replace(members=line.members[1:])
        left = members[0]
    change = line.section == "Unfolded" and left[:1] == "d" and left[1:] in truth.reader.printed
    if named is None and re.fullmatch(N, left) and line.section in ("Forward", "Unfolded") and not change:
        name = left
        if name not in truth.defs:
            truth.define(name, line.members[1] if not line.latex else members[1], line.sizes)
            if name == truth.out:
                want = np.asarray(d.value.evaluate(truth.base, functions=truth.reader.functions), float)
                return compare(line, want, np.asarray(truth.here[truth.ascii(name)], float), "the output is not the input's value")
        want = two_axes(truth.here[truth.ascii(name)], truth.defs[name][1])
        return sides(line, truth, want, members[1:])
    if line.section == "note" and re.fullmatch("[GgJ]ᵀ?", members[-1]):  # the letter is what it is said to be
        want, _ = left_value(left, members, line, truth)
        turned = members[-1].endswith("ᵀ")
        scalar = not truth.reader.dims[truth.ascii(truth.out)]
        if truth.layout == "numerator" and scalar and np.ndim(want) == 2 and 1 not in np.shape(want):
            want = want.T  # rows for the output
        value = want.T if turned else want
        value = (
            np.ravel(value) if 1 in np.shape(value) and len(truth.reader.dims[truth.ascii(left.partition("/∂")[2])]) == 1 else value
        )
        reader = truth.reader
        m = re.fullmatch(rf"∂({N})/∂({N})", left)
        assert m is not None
        dims = tuple(reader.dims[truth.ascii(m[1])]) + tuple(reader.dims[truth.ascii(m[2])])
        kind = "c" if len(dims) == 1 else "m"
        value = np.ravel(value) if kind == "c" else value
        reader.aliases[members[-1][0]] = value, kind, dims
        return Finding("true", line)
    if line.section == "Rewritten":
        return sides(line, truth, truth.reader.value(line.members[0], latex=line.latex), members[1:])
    want, letters = left_value(left, members, line, truth)
    if named is not None:
        truth.reader.aliases[named] = aliased(left, truth)
        truth.reader.printed.add(named)
    if letters:
        return by_entries(line, truth, want, letters, members[1:])
    return sides(line, truth, want, members[1:])


def own(d: Any, left: str) -> bool:
    """A function that the input defines, or a derivative of it."""
    m = re.match(rf"({N})′*\(", left)
    return bool(m and any(m[1] == s or m[1] in (s, _text(s)) for s in d.problem.scalars))


def _text(name: str) -> str:
    from tests.audit import text_name

    return text_name(name)


def aliased(left: str, truth: Any) -> Any:
    m = re.fullmatch(rf"∂({N})/∂({N})", left)
    assert m is not None
    return truth.derivative(m[1], m[2])


def compare(line: Any, want: Any, got: Any, why: str) -> Any:
    from tests.audit import Finding

    if np.shape(want) != np.shape(got):
        return Finding("false", line, f"{why}: {np.shape(got)} instead of {np.shape(want)}")
    top = max(np.abs(want).max(initial=0.0), np.abs(got).max(initial=0.0), 1e-3)
    error = np.abs(want - got).max(initial=0.0) / top
    return Finding("true", line) if error <= CLOSE else Finding("false", line, f"{why}: {error:.1e}")


def sides(line: Any, truth: Any, want: Any, members: list[str]) -> Any:
    from tests.audit import Finding

    kind = kind_of_line(line, want, truth)
    truth.reader.letter_sizes = letter_sizes(truth, members)
    if not line.sizes and 1 in np.shape(want) and np.ndim(want) == 2:  # a column or a row: JSON and remarks do not say which
        want = np.ravel(want)
    shape = truth.shape_of(line.sizes)[0] if line.sizes else None
    either = truth.layout == "numerator" and line.members[0].count("partial" if line.latex else "∂") == 2 and square(want)
    for i, member in enumerate(members):
        text = line.members[i + 1] if line.latex else member
        tensor = braced(member)
        if tensor and np.ndim(want) == len(tensor[1]):
            found = by_entries(line, truth, want, tensor[1], [tensor[0]])
            if found.verdict != "true":
                return found
            continue
        for m in re.finditer(r"\}_([a-z]+)(ᵀ?)", member):
            if len(m[1]) == np.ndim(want):
                found_sizes = zip(m[1][::-1] if m[2] else m[1], np.shape(want), strict=True)
                truth.reader.letter_sizes.update({c: n for c, n in found_sizes if c not in truth.reader.letter_sizes})
        got = read(text, kind, shape, line.latex, truth, want)
        got = np.ravel(got) if np.ndim(want) == 1 else got
        found = compare(line, want, got, text)
        if (
            found.verdict == "false"
            and np.shape(got) != np.shape(want)
            and not line.sizes
            and np.shape(got) == np.shape(want)[::-1]
        ):
            found = compare(line, want.T, got, text)
        if found.verdict == "false" and either:  # in numerator layout the size does not tell which way round
            found = compare(line, want.T, got, text)
        if found.verdict != "true":
            return found
    return Finding("true", line)


def square(x: Any) -> bool:
    return np.ndim(x) == 2 and x.shape[0] == x.shape[1] > 1


def braced(member: str) -> tuple[str, str] | None:
    """A sum of arrays in braces, all over the same indices, as one formula by entries: its signs, numbers and brackets stay."""
    found = set(re.findall(r"\}_([a-z]+)", member))
    if len(found) != 1 or not re.fullmatch(r"(?:[-\d/() ]*\{[^{}]*\}_[a-z]+[\d/()]*(?: [+-] )?)+", member):
        return None
    return re.sub(r"\{([^{}]*)\}_[a-z]+", r"\1", member), found.pop()


def read(text: str, kind: str, shape: Any, latex: bool, truth: Any, want: Any) -> Any:
    """A member; 0 and a lone I have the size of the line."""
    bare = text.strip()
    if bare == "0":
        return np.zeros(np.shape(want))
    if re.fullmatch(r"-?I(_\{[^{}]*\})?", bare) and np.ndim(want) == 2:
        return np.eye(*np.shape(want)) * (-1 if bare[0] == "-" else 1)
    if not latex:
        text = text.replace(" · ", " ")
    else:
        text = text.replace(r"} \cdot \frac{\partial", r"} \frac{\partial").replace(r" \cdot \frac{\partial", r" \frac{\partial")
    if shape is None or kind == "t":
        return truth.reader.value(text, latex=latex)
    return truth.reader.value(text, kind, shape, latex)


def kind_of_line(line: Any, want: Any, truth: Any) -> str:
    if line.sizes:
        return str(truth.shape_of(line.sizes)[1])
    return ""


def left_value(left: str, members: list[str], line: Any, truth: Any) -> tuple[Any, str]:
    """What the left side is, by differences, and its index letters."""
    reader = truth.reader
    if line.where == "json definition" and left in reader.aliases:  # the name of a derivative
        value, kind, _ = reader.aliases[left]
        return two_axes(value, kind), ""
    if left == "G":
        value = two_axes(truth.local(truth.out, truth.wrt[0]), "m")
        value = value.T if truth.layout == "numerator" else value
        reader.aliases["G"] = value, "m", reader.dims[truth.ascii(truth.wrt[0])]
        return value, ""
    tied = re.fullmatch(rf"∂({N})/∂({N})\|([\w-]+)", left)
    if tied:
        name = truth.ascii(tied[2])
        full = truth.local(tied[1], tied[2])
        reader.aliases["G"] = full.T if truth.layout == "numerator" else full, "m", reader.dims[name]
        return tie(full, tied[3]), ""
    if m := re.fullmatch(rf"∂²({N})/∂({N})(?:²|∂({N}))", left):
        found = second(truth, m[1], *(split(truth, m[2])), *(split(truth, m[3]) if m[3] else split(truth, m[2])))
        return found
    if m := re.fullmatch(rf"∂²({N})/∂(?:vec\()?({N})\)?∂(?:vec\()?({N})\)?ᵀ", left):
        full, _ = second(truth, m[1], m[2], "", m[3], "")
        a = np.size(truth.here[truth.ascii(m[2])])
        x, y = (np.ndim(truth.here[truth.ascii(n)]) for n in (m[2], m[3]))
        full = np.transpose(full, [*range(x)[::-1], *[x + i for i in range(y)][::-1]])
        return full.reshape(a, -1), ""
    if m := re.fullmatch(r"∂([^/]+)/∂([^/]+)", left):
        (a, i), (b, j) = split(truth, m[1]), split(truth, m[2])
        if i or j:
            return truth.local(a, b), i + j
    if m := re.fullmatch(rf"∂(?:vec\()?({N})\)?/∂(?:vec\()?({N})\)?", left):
        if "vec" not in left:
            return first(truth, *split(truth, m[1]), *split(truth, m[2]), line)
        full = truth.local(m[1], m[2])
        y, x = (np.ndim(truth.here[truth.ascii(n)]) for n in (m[1], m[2]))
        full = np.transpose(full, [*range(y)[::-1], *[y + i for i in range(x)][::-1]])
        return full.reshape(np.size(truth.here[truth.ascii(m[1])]), -1), ""
    if m := re.fullmatch(rf"(vec\()?d\(∂({N})/∂({N})\)\)?(?:\[({N})\])?", left):
        change = along(truth, m[2], m[3], m[4], members)
        return (np.reshape(change, (-1, 1), order="F") if m[1] else change), ""
    if m := re.fullmatch(rf"(vec\()?d({N})\)?", left):
        return differential(truth, m[2], members, bool(m[1])), ""
    if "∂" in left:
        raise Unreadable(f"left side {left}")
    name, under = split(truth, left)
    if under and truth.ascii(name) in truth.here:
        return np.asarray(truth.here[truth.ascii(name)], float), under
    return reader.value(line.members[0], latex=line.latex), ""


def split(reader: Any, word: str) -> tuple[str, str]:
    """``Z_(kl)(rs)``: a name that is known, and indices."""
    reader = getattr(reader, "reader", reader)
    if word in reader.known():
        return word, ""
    for m in re.finditer("_", word):
        base, under = word[: m.start()], word[m.end() :]
        if base in reader.known() and re.fullmatch(r"(?:[a-z]|\([a-z]+\))+", under):
            return base, under
    return word, ""


def first(truth: Any, a: str, i: str, b: str, j: str, line: Any) -> tuple[Any, str]:
    full = truth.local(a, b)
    if i or j or (np.ndim(full) > 2):
        return full, i + j
    scalar, n = np.ndim(truth.here[truth.ascii(a)]) == 0, np.ndim(truth.here[truth.ascii(b)])
    if scalar:
        if n == 2:
            return pick(truth, line, full), ""
        if n == 1:
            return full.reshape(1, -1) if truth.shape_of(line.sizes)[1] == "r" else full.reshape(-1, 1), ""
        return full.reshape(1, 1), ""
    if np.ndim(full) == 1:
        return full.reshape(-1, 1) if truth.shape_of(line.sizes)[1] != "r" else full.reshape(1, -1), ""
    return (full.T if truth.layout == "denominator" and a == truth.out else full), ""


def pick(truth: Any, line: Any, full: Any) -> Any:
    """In numerator layout a derivative by a matrix stands turned where the line says so."""
    if not line.sizes:
        return full
    kind = truth.shape_of(line.sizes)[0]
    sizes = tuple(truth.reader.size(x) for x in kind)
    return full.T if sizes == full.T.shape != full.shape else full


def shape_is(truth: Any, line: Any, shape: Any, other: Any) -> bool:
    return bool(line.sizes) and tuple(truth.reader.size(x) for x in truth.shape_of(line.sizes)[0]) == shape


def second(truth: Any, s: str, a: str, i: str, b: str, j: str) -> tuple[Any, str]:
    key = "second", s, a, b
    if key not in truth.cache:
        truth.cache[key] = moved_gradient(truth, s, a, b)
    full = truth.cache[key]
    if np.ndim(full) == 0:
        full = full.reshape(1, 1)
    if np.ndim(full) == 1:
        full = full.reshape(-1, 1)
    return full, i + j


def moved_gradient(truth: Any, s: str, a: str, b: str) -> Any:
    """∂(∂s/∂a)/∂b: differences of differences."""
    x, y = (np.asarray(truth.here[truth.ascii(n)], float) for n in (a, b))
    out = np.zeros(x.shape + y.shape)
    h = 25 * truth.step
    stencil = ((1, 2 / 3), (2, -1 / 12))
    for p in np.ndindex(x.shape):
        for q in np.ndindex(y.shape):
            total = 0.0
            for k, c in stencil:
                for m, e in stencil:
                    for u in (1, -1):
                        for v in (1, -1):
                            total += u * v * c * e * mixed(truth, s, a, x, p, u * k * h, b, y, q, v * m * h)
            out[p + q] = total / h**2
    return out


def mixed(truth: Any, s: str, a: str, x: Any, p: Any, dx: float, b: str, y: Any, q: Any, dy: float) -> float:
    moved_x = x.copy()
    moved_x[p] += dx
    if a == b:
        moved_x[q] += dy
        return float(truth.get(s, {a: moved_x}))
    moved_y = y.copy()
    moved_y[q] += dy
    return float(truth.get(s, {a: moved_x, b: moved_y}))


def along(truth: Any, s: str, a: str, direction: str | None, members: list[str]) -> Any:
    """d(∂s/∂a) along what moves in the line, or along a direction."""
    moves = moving(truth, members) if direction is None else {a: np.asarray(truth.base[truth.ascii(direction)], float)}
    total: Any = 0.0
    for name, v in moves.items():
        full, _ = second(truth, s, a, "", name, "")
        x = np.shape(truth.here[truth.ascii(a)])
        total = total + (full.reshape((int(np.prod(x)), -1)) @ np.ravel(v)).reshape(x)
    total = (
        np.broadcast_to(total, np.shape(truth.here[truth.ascii(a)])) if moves else np.zeros(np.shape(truth.here[truth.ascii(a)]))
    )
    return two_axes(total, "scm"[np.ndim(total)])


def moving(truth: Any, members: list[str]) -> dict[str, Any]:
    """The variables that move in a line: those whose differentials stand there, all where one of a named value does."""
    text = " ".join(members[1:])
    inside = {split(truth, word)[0] for word in re.findall(rf"(?<![^\W\d])d({N})(?!{W}|\()", text)}
    every = truth.wrt[:1] if truth.kind in ("mixed", "hessian", "hvp") else truth.wrt
    names = every if inside & set(truth.defs) else [n for n in truth.wrt if n in inside]
    moves = {n: truth.moves[n] for n in names}
    for n, v in moves.items():
        truth.reader.aliases[f"d{n}"] = differential_alias(truth, n, v)
    for n in inside & set(truth.defs):
        slope = truth.slope(n, moves)
        truth.reader.aliases[f"d{n}"] = differential_alias(truth, n, slope)
    return moves


def differential_alias(truth: Any, n: str, v: Any) -> Any:
    dims = truth.reader.dims[truth.ascii(n)]
    kind = truth.defs[n][1] if n in truth.defs else "scm"[len(dims)] if len(dims) < 3 else "t"
    return np.asarray(v), kind, dims


def differential(truth: Any, y: str, members: list[str], stacked: bool) -> Any:
    moves = moving(truth, members)
    here = truth.here[truth.ascii(y)]
    slope = truth.slope(y, moves) if moves else np.zeros(np.shape(here))
    if stacked:
        return np.reshape(slope, (-1, 1), order="F")
    kind = truth.defs[y][1] if y in truth.defs else "scm"[np.ndim(here)]
    return two_axes(slope, kind)


def tie(g: Any, structure: str) -> Any:
    """The derivative by the free parameter behind each entry, of an array of slopes with all entries free."""
    n = len(g)
    out = np.zeros((n, n))
    for i, j in np.ndindex(n, n):
        unit = np.zeros((n, n))
        unit[i, j] = 1.0
        if structure == "symmetric":
            unit[j, i] = 1.0
        elif structure == "skew":
            unit[j, i] -= 1.0
        elif structure == "diagonal":
            unit *= np.eye(n)
        elif structure == "lower-triangular":
            unit = np.tril(unit)
        elif structure == "upper-triangular":
            unit = np.triu(unit)
        elif structure == "toeplitz":
            unit = np.eye(n, k=j - i)
        elif structure == "symmetric-toeplitz":
            unit = np.maximum(np.eye(n, k=j - i), np.eye(n, k=i - j))
        out[i, j] = (unit * g).sum()
    return out


def letter_sizes(truth: Any, members: list[str], known: dict[str, int] | None = None) -> dict[str, int]:
    """How far each index runs, from the arrays that it stands at."""
    reader = truth.reader
    used: dict[str, int] = {}
    outer = dict(known or {})
    stacked: list[tuple[str, int]] = []

    def at(index: str, shape: tuple[int, ...]) -> None:
        groups = [a or b for a, b in re.findall(r"\(([a-z]+)\)|([a-z])", index)]
        if len(groups) == len(shape):
            used.update({g: n for g, n in zip(groups, shape, strict=True) if len(g) == 1})
            stacked.extend((g, n) for g, n in zip(groups, shape, strict=True) if len(g) > 1)

    index = r"((?:[a-z]|\([a-z]+\))+)"
    for member in members:
        for m in re.finditer(rf"({N})_?{index}?(?![\w])", member):
            base, under = split(truth, m[0])
            value = truth.here.get(truth.ascii(base)) if under else None
            if value is not None:
                at(under, np.shape(value))
        for m in re.finditer(rf"[)}}][ᵀ⁻¹²]*_{index}", member):
            inside = member[: m.end() - len(m[1]) - 1]
            if inside.endswith("}"):
                continue
            try:
                value = reader.value(inside[opening(inside) :])
            except Unreadable:
                continue
            at(m[1], np.shape(np.squeeze(value) if len(m[1]) < 2 else value))
    for _ in range(3):
        for member in members:
            for a, b in re.findall(r"\[(\w) = (\w)\]", member):
                if a in used or b in used:
                    used[a] = used[b] = used.get(a) or used[b]
                elif a in outer or b in outer:
                    used[a] = used[b] = outer.get(a) or outer[b]
        for group, n in stacked:  # the one letter of a stacked axis that is not known
            new = [c for c in group if c not in used and c not in outer]
            if len(new) == 1:
                used[new[0]] = n // int(np.prod([used.get(c) or outer[c] for c in group if c != new[0]]))
    return {**outer, **used}


def by_entries(line: Any, truth: Any, want: Any, under: str, members: list[str]) -> Any:
    from tests.audit import Finding

    groups = [a or b for a, b in re.findall(r"\(([a-z]+)\)|([a-z])", under)]
    letters = "".join(groups)
    reader = truth.reader
    if len(set(letters)) < len(letters):  # ∂z_i/∂W_ij
        kept = "".join(dict.fromkeys(letters))
        want, letters, groups = np.einsum(f"{letters}->{kept}", want), kept, list(kept)
    shape = np.shape(np.squeeze(want)) if len(groups) == 1 else np.shape(want)
    sizes = dict(zip(groups, shape, strict=True)) if len(groups) == len(shape) else {}
    reader.letter_sizes = letter_sizes(truth, [line.members[0] if not line.latex else unicode_of(line.members[0]), *members])
    reader.letter_sizes.update({g: n for g, n in sizes.items() if len(g) == 1})
    missing = set(letters) - set(reader.letter_sizes)
    if missing:
        raise Unreadable(f"no size for the index {missing}")
    reader.letter_sizes = {c: n for c, n in reader.letter_sizes.items() if c in letters}
    for member in members:
        got = reader.aligned(reader.entries(member, letters), letters, reader.letter_sizes)
        found = compare(line, np.reshape(want, got.shape), got, member)
        if found.verdict != "true":
            return found
    return Finding("true", line)


def opening(text: str) -> int:
    depth = 0
    end = text.rindex(")")
    for i in range(end, -1, -1):
        depth += (text[i] == ")") - (text[i] == "(")
        if not depth:
            return i
    raise Unreadable("brackets")


COMMANDS = {r"\odot": "∘", r"\oslash": "⊘", r"\otimes": "⊗", r"\cdot": "·", r"\lVert": "‖", r"\rVert": "‖", r"\top": "ᵀ"}


def unicode_of(latex: str) -> str:
    """LaTeX as far as left sides and formulas by entries go, in Unicode."""
    text = re.sub(r"\\mathrm\{d\}(\\frac\{\\partial [^{}]*\}\{\\partial [^{}]*\})", r"\\mathrm{d}(\1)", latex)
    text = re.sub(r"\\[bB]ig+[lr]?(?=[()\[\]])", "", text)
    text = re.sub(r"\^\{\\odot (-?)\\frac\{(\d+)\}\{(\d+)\}\}", r".^(\1\2/\3)", text)
    text = re.sub(r"\^\{\\odot (-?\d+)\}", r"^∘\1", text)
    text = re.sub(r"\\mathbf\{1\}_\{[^{}]* \\times [^{}]*\}", "𝟏 𝟏ᵀ", text)
    text = re.sub(r"\\mathbf\{1\}_\{?\w+\}?", "𝟏", text)
    text = (
        text.replace(r"\log\mathrm{softmax}", r"\mathrm{logsoftmax}")
        .replace(r"\rVert_2", r"\rVert")
        .replace(r"v_{\max}", "eigvecmax")
    )
    text = re.sub(r"\{(\((?:[^{}]|\{[^{}]*\})*\))\}(?=_)", r"\1", text)
    text = (
        text.replace(r"\,", " ")
        .replace(r"\left\{", "{")
        .replace(r"\right\}", "}")
        .replace(r"\left(", "(")
        .replace(r"\right)", ")")
        .replace(r"\left[", "[")
        .replace(r"\right]", "]")
    )
    text = re.sub(r"\\lVert ?(.*?) ?\\rVert_2\^2", r"‖\1‖²", text)
    text = re.sub(r"(?<![A-Za-z])I_\{[^{}]*\}", "I", text)
    text = re.sub(
        r"\^\{-?\\frac\{(\w+)\}\{(\w+)\}\}", lambda m: m[0].replace(rf"\frac{{{m[1]}}}{{{m[2]}}}", f"{m[1]}/{m[2]}"), text
    )
    text = re.sub(r"\\left\.(.*?)\\right\|_\{\\text\{([\w-]+)\}\}", r"\1|\2", text)
    text = (
        text.replace(r"^{\top}", "ᵀ")
        .replace(r"^{-1}", "⁻¹")
        .replace(r"^{-\top}", "⁻ᵀ")
        .replace(r"\mathrm{d}", "d")
        .replace(r"^2", "²")
    )
    text = re.sub(r"\\sum_\{([a-z,]+)\}", r"∑_\1", text)
    text = re.sub(r"\\(?:mathrm|text|mathbf)\{([^{}]*)\}", r"\1", text)
    text = re.sub(r"\\(sin|cos|tan|tanh|sinh|cosh|exp|log|max|min|sqrt|det|arctan)(?![A-Za-z])", r"\1", text)
    text = re.sub(r"sqrt\{((?:[^{}]|\{[^{}]*\})*)\}", r"√(\1)", text)
    for command, sign in COMMANDS.items():
        text = re.sub(re.escape(command) + r"(?![A-Za-z])", sign, text)
    text = re.sub(r"\{([^{}]*_[^{}]*)\}(?=_)", r"\1", text)
    frac = re.compile(r"\\frac\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")

    def fraction(m: re.Match[str]) -> str:
        top, bottom = m[1], m[2]
        if top.startswith((r"\partial", "∂")):
            parts = [
                unlatex(p.replace(r"\partial", "∂").replace("∂ ", "∂").replace(" ∂", "∂").replace("^²", "²")) for p in (top, bottom)
            ]
            return f"{parts[0]}/{parts[1]}".replace(" ", "")
        above, below = (x if re.fullmatch(r"[\w{}]+", x) else f"({x})" for x in (top, bottom))
        return f"{above}/{below}"

    while frac.search(text):
        text = frac.sub(fraction, text)
    text = re.sub(" +", " ", text)
    text = re.sub(r"_\{([^{}]*)\}", r"_\1", text)
    text = re.sub(r"\^\{(\d+)\}", lambda m: m[1].translate({v: k for k, v in RAISED.items()}), text)
    text = re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: unlatex(m[0]), text)
    text = re.sub(r"(?<=\w)_(\d+)(?![a-z])", lambda m: m[1].translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")), text)
    return re.sub(r"\{(\w+_\w+)\}(?=_)", r"\1", text.replace("'", "′").strip())  # {z_c}_l: an entry of what has a name below


__all__ = ["judged", "unicode_of"]
