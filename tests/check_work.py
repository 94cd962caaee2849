"""``matcalc check`` by volume: right work made of matcalc's own derivations, and the same with one slip planted.

usage: python -m tests.check_work [--n 1000] [--processes 2] [--seed 0] [--show 10]
       python -m tests.check_work --replay SEED [--slip]     (one piece of work, with what is said of it)
Right work: three styles, three notations, lines shuffled and left out, transposed answers, answers with definitions. Slips are
planted in trees and are kept where the oracle says that the formula is wrong now, transposed too. exit 0 when no right work is
called wrong, every slip is caught, the right line is shown for 99 % and the right kind for 90 %.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import os
import random
import re
import sys
import time
import traceback
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import numpy as np  # noqa: E402

import matcalc  # noqa: E402
from tests import soundness_oracle as oracle  # noqa: E402
from tests.check_work_problems import PROBLEMS, PROGRAMS, Asked, code_slips  # noqa: E402
from tests.check_work_trees import Sign, Writer, planted, squares  # noqa: E402
from tests.soundness_oracle import Node, Point  # noqa: E402

STYLES, NOTATIONS = ("backprop", "differential", "elementwise"), ("plain", "text", "latex")
GOOD = ("right", "layout")
SLOPE = re.compile(r"d\((\w+)\)/d\((\w+)\)")
PROSE = ("We use the chain rule.", "Now by the product rule", "Next, as the definition says:", "Finally we obtain", "so that")
NEAR = 1e-7


class Line(NamedTuple):
    """One line of a derivation: what stands on the left, and its members as trees (None where the oracle reads none)."""

    left: str
    members: tuple[Node | None, ...]
    texts: tuple[Mapping[str, str], ...]  # of the members, as matcalc prints them, by notation
    defines: bool


class Base(NamedTuple):
    """A derivation of matcalc's, and where the oracle evaluates it."""

    asked: Asked
    lines: tuple[Line, ...]
    signs: Mapping[str, Sign]
    defined: Mapping[str, Node]
    points: tuple[Point, ...]
    wanted: str = ""  # the sign of what is asked for


class Work(NamedTuple):
    """A piece of work: what is handed in, the verdict that is right, and where its slip stands."""

    asked: Asked
    form: str
    text: str
    kinds: frozenset[str]
    place: tuple[int, int] | None = None
    stated: bool = True  # the problem is told, and not to be found in the work


class Outcome(NamedTuple):
    seed: int
    slip: str
    got: str
    place: bool
    kind: bool
    work: Work
    message: str
    seconds: float


# ---------------------------------------------------------------- matcalc's own derivations, read by the oracle


@cache
def base(k: int, style: str) -> Base | None:
    """The derivation of a problem; None where the style has none."""
    asked = PROBLEMS[k]
    try:
        d = matcalc.derive(asked.text, wrt=asked.wrt, dims=asked.dims, assume=asked.assume, kind=asked.kind, style=style)
    except matcalc.MatcalcError:
        return None
    signs: dict[str, Sign] = {}
    lines = [line for step in d.steps if (line := _line(step, asked, signs))]
    defined = {line.left: line.members[0] for line in lines if line.defines and line.members[0] is not None}
    found = Base(asked, tuple(lines), signs, defined, ())
    points = tuple(_point(found, seed) for seed in (1, 2))
    output = next((line.left for line in reversed(lines) if line.defines), "")
    wanted = next((n for n, s in signs.items() if s == Sign(output, asked.wrt)), "")
    return found._replace(points=points, wanted=wanted)


def _line(step: Any, asked: Asked, signs: dict[str, Sign]) -> Line | None:
    if step.kind == "rewrite" or (asked.kind == "hessian" and step.kind != "result"):
        return None
    formulas = step.members or tuple(m for m in (step.lhs, step.via, step.rhs) if m)
    trees = [_tree(f.plain, asked, signs) for f in formulas]
    if trees[0] is None or trees[0].op != "sym" or any("entries" in f._fields and f.entries for f in formulas):
        return None
    texts = [{"plain": f.plain, "text": f.text, "latex": f.latex} for f in formulas]
    return Line(str(trees[0].attr), tuple(trees[1:]), tuple(texts[1:]), step.kind in ("definition", "part"))


def _tree(text: str, asked: Asked, signs: dict[str, Sign]) -> Node | None:
    def name(of: str, by: str) -> str:
        sign = Sign(of, by)
        signs.setdefault(next((n for n, s in signs.items() if s == sign), f"qq{len(signs)}"), sign)
        return next(n for n, s in signs.items() if s == sign)

    text = SLOPE.sub(lambda m: name(m[1], m[2]), text)
    text = re.sub(r"(?<![\w'])d(?=[A-Za-z]\w*)(\w+)(?!\w|\()", lambda m: name(m[1], ""), text)
    text = re.sub(r"\b([fg])('+)\(", lambda m: f"{m[1]}{'p' * len(m[2])}(", text)
    try:
        return oracle.read(text, sorted(asked.sizes))
    except (ValueError, IndexError):
        return None


def _point(of: Base, seed: int) -> Point:
    asked, rng = of.asked, np.random.default_rng(seed)
    sizes = {s: n + (seed - 1) for s, n in asked.sizes.items()}
    env: dict[str, Any] = {}
    for name, shape in asked.dims.items():
        x = rng.standard_normal([sizes[s] if isinstance(s, str) else s for s in shape])
        x = abs(x) + 0.5 if not shape else x
        said = asked.assume.get(name)
        x = x @ x.T + len(x) * np.eye(len(x)) if said == "spd" else x + x.T if said == "symmetric" else x
        env[name] = x.reshape(x.shape[0] if x.ndim else 1, -1)
    functions = {f + "p" * k: (oracle.FUNCTIONS[f][k],) for f in "fg" for k in range(4)}
    at = Point(env, sizes, functions)
    for name, tree in of.defined.items():
        env[name] = oracle.value(tree, at)
    env[""] = rng.standard_normal(env[asked.wrt].shape)  # the direction of the variable
    for name, sign in of.signs.items():
        if not sign.by:
            env[name] = _moved(of, at, sign.of)
    return at


def _moved(of: Base, at: Point, name: str) -> Any:
    wrt = of.asked.wrt
    if name == wrt:
        return at.env[""]
    env = {**at.env, wrt: at.env[wrt] + 1j * oracle.STEP * at.env[""]}
    return oracle.value(expanded(of, Node("sym", (), name), ""), at._replace(env=env)).imag / oracle.STEP


def expanded(of: Base, tree: Node, held: str) -> Node:
    """With the defined names put in, but for one that is held."""
    if tree.op == "sym" and tree.attr in of.defined and tree.attr != held:
        return expanded(of, of.defined[tree.attr], held)
    return tree._replace(args=tuple(expanded(of, a, held) for a in tree.args))


# ---------------------------------------------------------------- what is true


def truths(of: Base, left: str, at: Point) -> list[Any]:
    """What a left side is worth, in each layout that may be meant."""
    sign = of.signs.get(left)
    if sign is None or not sign.by:
        return [at.env[left]]
    if of.asked.kind == "hessian":
        found = oracle.derivative(expanded(of, Node("sym", (), sign.of), ""), at, "hessian", (sign.by,))
    else:
        found = oracle.jacobian(expanded(of, Node("sym", (), sign.of), sign.by), at, sign.by)
    if found.ndim > 2:
        raise NotImplementedError("of a matrix")
    if found.ndim < 2:
        found = found.reshape(-1, 1)
    return [found, found.T]


def value_of(of: Base, tree: Node, at: Point) -> Any:
    """The value, or None where sizes do not fit: what NumPy spreads over another shape is none."""
    try:
        return oracle.value(tree, at)
    except (ValueError, KeyError):
        return None


def is_true(of: Base, left: str, tree: Node) -> bool:
    """Whether a formula is what its left side is, in one layout or the other."""
    for at in of.points:
        got = value_of(of, tree, at)
        if got is None or not any(got.shape == t.shape and _near(got, t) for t in truths(of, left, at)):
            return False
    return True


def _near(a: Any, b: Any, tolerance: float = NEAR) -> bool:
    return bool(np.abs(a - b).max() <= tolerance * max(1e-6, np.abs(b).max()))


def kinds_of(of: Base, line: Line, kind: str, tree: Node) -> frozenset[str]:
    """The kind of a slip, with the names that it has as well where the oracle says so: a number, an assumption."""
    found, ratios = {kind}, []
    for at in of.points:
        got = value_of(of, tree, at)
        for true in truths(of, line.left, at):
            if got is not None and got.shape == true.shape and np.vdot(true, true) > 0:
                times = float(np.vdot(true, got) / np.vdot(true, true))
                if _near(got, times * true):
                    ratios.append(times)
    if len(ratios) >= 2 and _near(np.array(ratios), np.full(len(ratios), ratios[0])):
        found = {"sign" if abs(ratios[0] + 1) < NEAR else "factor"}
    names = squares(expanded(of, tree, ""), lambda n: of.points[0].env[str(n.attr)].shape) & of.asked.dims.keys()
    for name in names - {of.asked.wrt}:
        x = of.points[0].env[name]
        env = {**of.points[0].env, name: x + x.T}
        at = of.points[0]._replace(env=env)
        env |= {n: oracle.value(t, at) for n, t in of.defined.items()}
        got = value_of(of, tree, at)
        if (
            not any(not s.by for s in of.signs.values())
            and got is not None
            and any(got.shape == t.shape and _near(got, t) for t in truths(of, line.left, at))
        ):
            found = {"needs-assumption"}
    if kind == "missing-sum":
        found |= {"missing-factor"}  # of the ones that sum
    return frozenset(found)


# ---------------------------------------------------------------- work


def made(seed: int, slip: bool) -> Work | None:
    """A piece of work from the seed alone; None where it has no place for a slip."""
    rng = random.Random(f"{seed}/{slip}")
    if rng.random() < 0.12:
        return _program(rng, slip)
    found = None
    while found is None:
        found = base(rng.randrange(len(PROBLEMS)), rng.choice(STYLES))
    notation = rng.choice(NOTATIONS)
    writer = Writer(notation, rng, found.signs)
    if rng.random() < 0.3:
        return _answer(rng, found, writer, slip)
    return _derivation(rng, found, writer, slip)


def _program(rng: random.Random, slip: bool) -> Work | None:
    asked, source = rng.choice(PROGRAMS)
    if not slip:
        return Work(asked, "numpy", source, frozenset(["right"]))
    kind, text = rng.choice(list(code_slips(asked, source)))
    return Work(asked, "numpy", text, kind)


def _text(rng: random.Random, writer: Writer, line: Line, k: int) -> str:
    """A member as matcalc prints it, or in another hand."""
    own = line.texts[k][writer.notation]
    tree = line.members[k]
    if tree is None or rng.random() < 0.4:
        return own
    try:
        return writer.at(tree, 0)
    except NotImplementedError:
        return own


def _slips(rng: random.Random, of: Base, line: Line, k: int) -> Iterator[tuple[str, Node]]:
    """Slips in one member that make it wrong, in random order."""
    tree = line.members[k]
    if tree is None:
        return

    def shape(n: Node) -> tuple[int, int]:
        got = value_of(of, n, of.points[0])
        return (0, 0) if got is None else got.shape[-2:]

    every = list(planted(tree, shape))
    by_kind = collections.defaultdict(list)
    for kind, new in every:
        by_kind[kind].append(new)
    order = sorted(by_kind)
    rng.shuffle(order)
    for kind in order:
        new = rng.choice(by_kind[kind])
        if not is_true(of, line.left, new):
            yield kind, new


def _answer(rng: random.Random, of: Base, writer: Writer, slip: bool) -> Work | None:
    line = next((x for x in reversed(of.lines) if x.left == of.wanted and x.members[-1] is not None), None)
    if line is None:
        return None
    tree = line.members[-1]
    assert tree is not None
    turned = False
    kinds = frozenset(["right"])
    if slip:
        if not is_true(of, line.left, tree):
            return None
        found = next(_slips(rng, of, line, len(line.members) - 1), None)
        if found is None:
            return None
        kinds, tree = kinds_of(of, line, *found), found[1]
    else:
        turned = rng.random() < 0.25 and all(min(truths(of, line.left, at)[0].shape) > 1 for at in of.points)
        at = of.points[0]
        kinds = _layout(value_of(of, tree, at), truths(of, line.left, at)[0])
        if turned:
            tree = Node("T", (tree,))
            kinds = _layout(value_of(of, tree, at), truths(of, line.left, at)[0])
    try:
        text = writer.at(tree, 0)
    except NotImplementedError:
        return None
    used = _names(tree) & of.defined.keys()
    for name in reversed(of.defined):
        used |= {name} if any(name in _names(of.defined[m]) for m in used) else set()
    rows = [f"{writer.name(n)} = {_defined(rng, of, writer, n)}" for n in of.defined if n in used]
    joint = rng.choice(("; ", ", ", "\n")) if not writer.latex else rng.choice((r",\quad ", r" \\ "))
    return Work(of.asked, "answer", joint.join([text, *rows]), kinds)


def _layout(got: Any, true: Any) -> frozenset[str]:
    same = got.shape == true.shape and _near(got, true)
    return frozenset(["right" if same else "layout"])


def _names(tree: Node) -> set[str]:
    return {str(tree.attr)} if tree.op == "sym" else set().union(*map(_names, tree.args))


def _defined(rng: random.Random, of: Base, writer: Writer, name: str) -> str:
    return _text(rng, writer, next(x for x in of.lines if x.defines and x.left == name), 0)


def _derivation(rng: random.Random, of: Base, writer: Writer, slip: bool) -> Work | None:
    lines = [x for k, x in enumerate(of.lines) if x.defines or k == len(of.lines) - 1 or rng.random() < 0.75]
    last = lines[-1]
    if last.left != of.wanted or last.members[-1] is None:
        return None
    if rng.random() < 0.3:
        first, rest = [x for x in lines[:-1] if x.defines], [x for x in lines[:-1] if not x.defines]
        rng.shuffle(rest)
        lines = [*first, *rest, last]
    if rng.random() < 0.15:
        lines = [x for x in lines if not x.defines] + [x for x in lines if x.defines]
    texts = [[_text(rng, writer, x, k) for k in range(len(x.members))] for x in lines]
    kinds, at = None, None
    if slip:
        at, kinds = _planted(rng, of, writer, lines, texts)
        if at is None:
            return None
    else:
        try:
            kinds = _layout(value_of(of, last.members[-1], of.points[0]), truths(of, last.left, of.points[0])[0])
        except NotImplementedError:
            kinds = frozenset(GOOD)
    text, spans = _page(rng, writer, lines, texts)
    return Work(of.asked, "derivation", text, kinds, spans[at] if at is not None else None, rng.random() < 0.85)


def _planted(
    rng: random.Random, of: Base, writer: Writer, lines: list[Line], texts: list[list[str]]
) -> tuple[tuple[int, int] | None, frozenset[str]]:
    """Puts one slip in the texts, and says where."""
    every = [(i, k) for i, x in enumerate(lines) if not x.defines for k in range(len(x.members))]
    rng.shuffle(every)
    for i, k in every:
        line = lines[i]
        if line.members[k] is None or any(of.signs[n].by for n in _names(line.members[k]) & of.signs.keys()):
            continue
        try:
            if not is_true(of, line.left, line.members[k]):
                continue
            for kind, new in _slips(rng, of, line, k):
                texts[i][k] = writer.at(new, 0)
                return (i, k), kinds_of(of, line, kind, new)
        except NotImplementedError:
            continue
    return None, frozenset()


def _page(rng: random.Random, writer: Writer, lines: list[Line], texts: list[list[str]]) -> tuple[str, dict[Any, tuple[int, int]]]:
    """The lines set as a page, and where each member stands in it."""
    frame = rng.choice(("align", "display", "bare") if writer.latex else ("bare", "prose"))
    page, spans = {"align": "\\begin{align}\n", "display": "Given the above.\n"}.get(frame, ""), {}
    for i, line in enumerate(lines):
        page += {"display": "$$", "prose": rng.choice(PROSE) + "\n" if rng.random() < 0.3 else ""}.get(frame, "")
        page += writer.name(line.left)
        for k, text in enumerate(texts[i]):
            page += (
                " \\\\\n &= " if k and frame == "align" and rng.random() < 0.4 else " &= " if frame == "align" and not k else " = "
            )
            spans[i, k] = (len(page), len(page) + len(text))
            page += text
        page += {"align": " \\\\\n", "display": "$$\n" + (rng.choice(PROSE) + "\n" if rng.random() < 0.3 else "")}.get(frame, "\n")
        page = page[:-1] + " \\\\\n" if frame == "bare" and writer.latex and i < len(lines) - 1 else page
    return page + {"align": "\\end{align}\n"}.get(frame, ""), spans


# ---------------------------------------------------------------- judging


def judge(job: tuple[int, bool]) -> Outcome | None:
    seed, slip = job
    work = made(seed, slip)
    return work and judged(seed, work, slip)


def judged(seed: int, work: Work, slip: bool) -> Outcome:
    asked, start, message = work.asked, time.perf_counter(), ""
    said: dict[str, Any] = {"dims": asked.dims, "assume": asked.assume, "kind": asked.kind}
    place = True
    try:
        r = matcalc.check_work(work.text, asked.text, asked.wrt, form=work.form, names=asked.names, **said)
        got, message = r.verdict, r.relation
        if work.place is not None:
            wrong = next((x for x in r.lines if x.line == r.first_wrong and x.finding.verdict == got), None)
            place = wrong is not None and wrong.span[0] < work.place[1] and work.place[0] < wrong.span[1]
        unread = [x for x in r.lines if x.finding.verdict == "not-understood"]
        if unread and got in GOOD:
            message = "unread: " + "; ".join(f"{x.text}: {x.finding.relation}" for x in unread)
    except matcalc.MatcalcError as error:
        got, message = "refused", str(error)
    except Exception:
        got, message = "crash", traceback.format_exc()[-600:]
    return Outcome(seed, "/".join(sorted(work.kinds)), got, place, got in work.kinds, work, message, time.perf_counter() - start)


def run(seeds: range, slip: bool, processes: int) -> list[Outcome]:
    jobs = [(seed, slip) for seed in seeds]
    if processes < 2:
        return [x for x in map(judge, jobs) if x]
    with multiprocessing.Pool(processes) as pool:
        return [x for x in pool.imap(judge, jobs, 8) if x]


def bad(o: Outcome, slip: bool) -> str:
    """What is wrong with an outcome: an empty text where nothing is."""
    if o.got in ("crash", "refused", "not-understood"):
        return o.got
    if not slip:
        return "" if o.kind else "false alarm" if o.got not in GOOD else "layout"
    return "passed" if o.got in GOOD else "place" if not o.place else "kind" if not o.kind else ""


def report(outcomes: list[Outcome], slip: bool, show: int) -> bool:
    tally = collections.Counter(bad(o, slip) for o in outcomes)
    unread = sum(o.message.startswith("unread") for o in outcomes)
    n = len(outcomes)
    print(
        f"{'slips' if slip else 'right'}: {n}",
        dict(tally),
        f"with unread lines {unread}",
        f"{sum(o.seconds for o in outcomes):.1f} s",
    )
    if slip:
        table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for o in outcomes:
            table[o.slip][o.got] += 1
        for kind in sorted(table):
            print(f"  {kind:28s}", dict(table[kind].most_common()))
    order = ["crash", "passed", "false alarm", "refused", "not-understood", "layout", "place", "kind"]
    worst = sorted((o for o in outcomes if bad(o, slip)), key=lambda o: order.index(bad(o, slip)))
    for o in worst[:show]:
        print(f"--- {o.seed} {bad(o, slip)}: {o.work.asked.text}  by {o.work.asked.wrt}\n{o.work.text}")
        print(f"wanted {o.slip}, got {o.got}: {o.message}\n")
    if not slip:
        return not sum(tally[x] for x in order)
    return not sum(tally[x] for x in order[:6]) and tally["place"] <= n // 100 and tally["kind"] <= n // 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, default=1000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--replay", type=int)
    parser.add_argument("--slip", action="store_true", help="the piece of work with a slip")
    args = parser.parse_args()
    if args.replay is not None:
        outcome = judge((args.replay, args.slip))
        print(outcome and outcome.work.text, outcome and outcome._replace(work=None), sep="\n")  # type: ignore[arg-type]
        return
    fine = True
    for slip in (False, True):
        first, outcomes = args.seed, list[Outcome]()
        while len(outcomes) < args.n:  # some have no place for a slip
            last = first + args.n - len(outcomes)
            outcomes += run(range(first, last), slip, args.processes)
            first = last
        fine &= report(outcomes, slip, args.show)
    sys.exit(not fine)


if __name__ == "__main__":
    main()
