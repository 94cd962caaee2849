"""All that is printed of random questions, in every style and layout, read back and judged by oracles that use no rule of ours.

Each printed equation is read by tests.audit and compared with differences of the definitions in print; the value that these define,
each result as it is evaluated, as JSON has it in plain notation and in LaTeX, are compared with the oracle of the generator.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import numpy as np

import matcalc
from matcalc.expr.nodes import names_in
from tests import audit
from tests import soundness_generator as generator
from tests import soundness_oracle as oracle
from tests.family_questions import agrees
from tests.soundness_generator import FEATURES, Case

MOST = 100  # entries of all arrays for which each line is read: the differences of a line go through all of them
LAYOUTS = ("shape", "numerator", "denominator")


def wide_case(seed: int) -> Case:
    return generator.generate(seed, frozenset(FEATURES), "wide")


def options(case: Case) -> dict[str, Any]:
    known = {k: v for k, v in case.assume.items() if v != "shifted"}
    wrt: Any = list(case.wrt) if len(case.wrt) > 1 else case.wrt[0]
    return {"wrt": wrt, "dims": case.dims, "kind": case.kind, "direction": case.direction, "assume": known}


def laid_out(case: Case, want: Any, layout: str) -> Any:
    """The truth as the layout has it: first derivatives are turned, second derivatives keep the variable's shape."""
    of_scalar = want.ndim == len(case.dims[case.wrt[0]])
    turned = layout == ("numerator" if of_scalar else "denominator") and case.kind in ("gradient", "jacobian")
    return want.T if turned and want.ndim == 2 else want


def faults(seed: int) -> tuple[str, list[str]]:
    """What was asked for, and all that is wrong in what is printed; each seed has a style and a layout of its own in turn."""
    case = wide_case(seed)
    style, layout = audit.STYLES[seed % 3], LAYOUTS[seed // 3 % 3]
    asked = f"{case.text}  [{case.kind} {layout} {style} by {', '.join(case.wrt)}, dims {case.dims}]"
    d = matcalc.derive(case.text, layout=layout, style=style, **options(case))
    (arrays,) = generator.points(case, 1)
    few = sum(map(np.size, arrays.values())) <= MOST
    found = _false(d, arrays, case, layout, audit.STEP) if few else set()
    found &= _false(d, arrays, case, layout, audit.STEP / 20) if found else set()  # where one step is too long the other is not
    truth, want = _truth(d, arrays, case, audit.STEP), laid_out(case, generator.truth(case, arrays), layout)
    return asked, [*sorted(found), *_of_value(case, truth, arrays), *_of_results(case, d, want, arrays)]


def _truth(d: Any, arrays: dict[str, Any], case: Case, step: float) -> audit.Truth:
    return audit.Truth(d, arrays, case.sizes, oracle.FUNCTIONS, step)


def _false(d: Any, arrays: dict[str, Any], case: Case, layout: str, step: float) -> set[str]:
    """The lines whose sides differ, by differences with one step."""
    details = random.Random(f"printed:{case.seed}").sample(audit.DETAILS, 3)
    found = printed(d, _truth(d, arrays, case, step), layout, details)
    return {f"{f.line.where}: {' = '.join(f.line.members)}" for f in found if f.verdict == "false"}


def printed(d: Any, truth: audit.Truth, layout: str, details: list[str]) -> Iterator[audit.Finding]:
    """Every equation of every output, judged."""
    yield from audit.audit(d, list(audit.in_text(d.to_text("normal", 10**6))), truth)
    one, two, three = details
    for lines in (
        audit.in_text(d.to_text(one, 10**6), f"text {one}"), audit.in_latex(d.to_latex(detail=one), f"latex {one}"),
        audit.in_latex(audit.from_markdown(d.to_markdown(two)), f"markdown {two}"),
        audit.in_html(d.to_html(three)), audit.in_results(d),
        audit.in_json(d.to_dict(), layout),
    ):  # fmt: skip
        yield from audit.audit(d, list(lines), truth)
    yield from audit.of_plain(d.to_dict(), truth)
    yield from audit.counted(d)


def _of_value(case: Case, truth: audit.Truth, arrays: dict[str, Any]) -> list[str]:
    """The definitions in print are the function that was asked for."""
    name = audit.ascii_name(truth.out)
    if name not in truth.here:  # its line could not be read
        return []
    want = generator.plain_value(case, arrays)
    right = agrees(np.reshape(truth.here[name], np.shape(want)), want) if np.size(want) == np.size(truth.here[name]) else False
    return [] if right else [f"the value in print is {truth.here[name]} and not {want}"]


def _of_results(case: Case, d: Any, want: Any, arrays: dict[str, Any]) -> Iterator[str]:
    """Each result as it is evaluated, in plain notation and, where it can be read, in LaTeX."""
    data = d.to_dict()["results"]
    for r, said in zip(d.results, data, strict=True):
        read = {"evaluated": r.evaluate(arrays, functions=oracle.FUNCTIONS)}
        for form, notation in (("plain", "plain"), ("latex", "latex")):
            text = said["latex"].rpartition(" = ")[2] if form == "latex" else r.plain
            try:
                e = matcalc.parse(text, dims=case.dims, notation=notation, functions=dict.fromkeys(oracle.FUNCTIONS))
                names = names_in((e.node,)) - oracle.FUNCTIONS.keys()
                if names <= case.dims.keys():
                    read[form] = e.evaluate({n: arrays[n] for n in names}, functions=oracle.FUNCTIONS)
            except matcalc.MatcalcError:
                continue  # LaTeX has names for what is shared, and forms that are not read
        for form, got in read.items():
            got = np.asarray(got, float)
            if form == "latex" and got.ndim == 0:  # 0 is of any size
                got = np.broadcast_to(got, want.shape)
            if not agrees(np.reshape(got, want.shape) if form != "evaluated" and got.size == want.size else got, want):
                yield f"{form}: {r.plain} is {got.ravel()[:4]} {got.shape}, and not {want.ravel()[:4]} {want.shape}"
