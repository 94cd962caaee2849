"""Code for data larger than memory: the NumPy source of one block of samples, what the blocks give added in a tree of fixed order.

It is written for losses that are sums over samples, with or without terms that no sample is in; other losses are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.codegen.ir.graph import Node, Shape
from matcalc.codegen.plan.body import Body
from matcalc.codegen.plan.sample_sums import ROWS, Samples, Split, split
from matcalc.codegen.products.counting import entries
from matcalc.codegen.products.document import docstring
from matcalc.codegen.products.runtime import FUNCTIONS
from matcalc.codegen.products.signatures import Signature
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets.assembly import above, head, indented, opening, parameters, returning
from matcalc.codegen.targets.dialects import words_of
from matcalc.codegen.targets.helpers import HELPERS
from matcalc.codegen.targets.numpy_forms import PRINTERS
from matcalc.codegen.targets.numpy_target import DIALECT as NUMPY
from matcalc.codegen.targets.numpy_target import Planned, planned, returned_texts
from matcalc.codegen.targets.printing import Printer, Text, Writer
from matcalc.expr import dims
from matcalc.expr.dims import Dim, add, mul
from matcalc.expr.errors import NoRuleError

COUNT, BLOCK, REST = "count", "_block", "_rest"  # of all samples; the two functions
SAID = """A sum over {size}: {names} are cut into blocks. Each is an array, one of dask, whose blocks are its own, the path of a
file .npy, .zarr or .parquet, or (make, lengths): make(i) is block i, of lengths[i] samples. One round on dask's scheduler, in
which a block gives {numbers} numbers."""
BYTES = 8  # of a number
LOCAL = ("blocks", "sums", "own", "rest")
OWN = {
    "_added": '''
def _added(parts):
    """The sum of tuples."""
    return tuple([sum(terms[1:], terms[0]) for terms in zip(*parts)])
''',
    "_at": '''
def _at(index, run, *given):
    """What a block gives; what is wrong in it names it."""
    try:
        return run(*given)
    except Exception as error:
        raise ValueError(f"block {index}: {error}") from error
''',
    "_read": '''
def _read(path, start, stop, axis):
    """A part of the array in a file, along an axis."""
    return np.array(np.load(path, mmap_mode="r")[(slice(None),) * axis + (slice(start, stop),)])
''',
    "_opened": '''
def _opened(x):
    """What can be cut: an array, one of dask, (make, lengths), or what a file .npy, .zarr or .parquet holds."""
    if not isinstance(x, str):
        return x if isinstance(x, tuple) or hasattr(x, "chunks") else np.asarray(x)
    if x.endswith(".npy"):
        return np.load(x, mmap_mode="r")
    if x.endswith(".parquet"):
        import dask.dataframe

        return dask.dataframe.read_parquet(x).to_dask_array(lengths=True)
    return da.from_zarr(x)
''',
    "_lengths": '''
def _lengths(found, axes):
    """How many samples each block has: as the first has that is made or in blocks already; else 8 MB of the first."""
    for x, axis in zip(found, axes):
        if isinstance(x, tuple) or hasattr(x, "chunks"):
            return tuple(x[1] if isinstance(x, tuple) else x.chunks[axis])
    count = found[0].shape[axes[0]]
    each = max(1, 2**20 * count // max(1, found[0].size))
    return (*[each] * (count // each), *([count % each] if count % each or not count else []))
''',
    "_blocks": '''
def _blocks(samples, axes):
    """The blocks of each array along its axis of samples, and the number of all samples."""
    found = [_opened(x) for x in samples]
    lengths = _lengths(found, axes)
    ends, out = np.cumsum(lengths), []
    for x, given, axis in zip(found, samples, axes):
        if sum(x[1]) != ends[-1] if isinstance(x, tuple) else x.shape[axis] != ends[-1]:
            raise ValueError("arrays that are cut into blocks have different numbers of samples")
        if isinstance(x, tuple) and tuple(x[1]) != lengths:
            raise ValueError("two functions that make blocks make blocks of different lengths")
        if isinstance(x, tuple):
            out.append([dask.delayed(_at)(i, x[0], i) for i in range(len(lengths))])
        elif isinstance(given, str) and isinstance(x, np.memmap):
            parts = [(end - n, end) for n, end in zip(lengths, ends)]
            out.append([dask.delayed(_at)(i, _read, given, *part, axis) for i, part in enumerate(parts)])
        else:
            chunks = tuple([lengths if k == axis else -1 for k in range(x.ndim)])
            whole = x.rechunk(chunks) if hasattr(x, "chunks") else da.from_array(x, chunks)
            out.append(list(whole.to_delayed().ravel()))
    return list(zip(*out)), int(ends[-1])
''',
    "_over_blocks": '''
def _over_blocks(run, blocks, others):
    """Sums over all blocks, added by eights in a fixed order, and what each block gives of its own, end to end."""
    others = [dask.delayed(x) if hasattr(x, "shape") else x for x in others]
    found = [dask.delayed(_at, nout=2)(i, run, *block, *others) for i, block in enumerate(blocks)]
    sums, own = [f[0] for f in found], [f[1] for f in found]
    while len(sums) > 1:
        sums = [dask.delayed(_added)(sums[i : i + 8]) for i in range(0, len(sums), 8)]
    return dask.compute(sums[0], own)
''',
    "_end_to_end": '''
def _end_to_end(own, i, axis):
    """What each block gave for its own samples, in their order."""
    return np.concatenate([found[i] for found in own], axis=axis)
''',
}
DIALECT = NUMPY._replace(
    target="dask",
    imports=("import dask", "import dask.array as da", "import numpy as np"),
    helpers=HELPERS | OWN,
    looked_into=False,
    paths=True,
    allowed={**FUNCTIONS, "dask": "", "da": ""},
    extra="dask",
)


class Summed(NamedTuple):
    """A loss as a sum: the size that counts the samples, and what each result is made of; None for those of each sample."""

    size: str
    samples: Samples
    parts: list[Split | None]


def source(task: Task) -> str:
    """A function of arrays in blocks, below that of one block, and that of what no sample is in."""
    task = DIALECT.fitting(task)._replace(reserved=(*DIALECT.modules, *DIALECT.helpers, COUNT, *LOCAL))
    plan, sig = planned(task), task.signature
    summed = _summed(plan, sig)
    samples = {n: i for n, p in sig.parameters.items() if (i := summed.samples.axis(p.shape)) is not None}
    dialect = DIALECT._replace(printers=PRINTERS | {"dim": _counted(summed.size)})
    added = [p.added for p in summed.parts if p and p.added]
    own = [node for node, p in zip(plan.roots, summed.parts, strict=True) if p is None]
    rest = [p.rest for p in summed.parts if p and p.rest]
    block = plan.body(task, [*added, *own], dialect)
    texts = returned_texts(block, [*added, *own])
    others = [p.name for n, p in sig.parameters.items() if n not in samples] + [*sig.functions.values()]
    lead = [sig.parameters[n].name for n in samples]
    lines = _function(BLOCK, [*lead, *others], block, f"{_tuple(texts[: len(added)])}, {_tuple(texts[len(added) :])}")
    unsampled = task._replace(symbols=[s for s in task.symbols if str(s.attr) not in samples])
    constant = plan.body(unsampled, rest, dialect) if rest else None
    if constant:
        lines += _function(REST, others, constant, _tuple(returned_texts(constant, rest)))
    for helper in [*(constant.helpers if constant else ()), *OWN]:
        block.helper(helper)
    block.modules |= constant.modules if constant else {}
    call = [f"blocks, {COUNT} = _blocks([{', '.join(lead)}], {[*samples.values()]})",
            f"sums, own = _over_blocks({BLOCK}, blocks, [{', '.join([*others, COUNT])}])"]  # fmt: skip
    call += [f"rest = {REST}({', '.join([*others, COUNT])})"] if rest else []
    numbers = dims.text(_numbers([node.shape for node in added]), "*")
    said = SAID.format(size=summed.size, names=", ".join(lead), numbers=numbers)
    doc = task.doc._replace(warnings=(*task.doc.warnings, said))
    inside = [*docstring(doc, parameters(sig), plan.entries), *call, *returning(_results(plan, summed), doc.alone)]
    return "\n".join([*above(block), *lines, *head(task.name, sig.arguments), *indented(inside)]) + "\n"


def round_of(task: Task) -> tuple[str, Dim, Dim]:
    """Of a call: the size along which it is cut, the bytes that each block is sent beside its samples, and those that it sends.

    Raises ``NoRuleError`` as :func:`source` does.
    """
    plan, sig = planned(task), task.signature
    summed = _summed(plan, sig)
    others = [p.shape for p in sig.parameters.values() if summed.samples.axis(p.shape) is None]
    sent = [p.added.shape for p in summed.parts if p and p.added]
    return summed.size, mul(BYTES, _numbers(others)), mul(BYTES, _numbers(sent))


def _numbers(shapes: Sequence[Shape]) -> Dim:
    total: Dim = 0
    for shape in shapes:
        total = add(total, entries(shape))
    return total


def _summed(plan: Planned, sig: Signature) -> Summed:
    """The size along which all is a sum, or each sample's own, the least of it. Raises ``NoRuleError`` with the reasons."""
    sizes = dict.fromkeys(d for p in sig.parameters.values() for d in p.shape if isinstance(d, str))
    found, reasons = [], []
    for size in sizes:
        samples = Samples(plan.roots, size)
        parts = [None if samples.states[r] == ROWS else split(plan.kernels, samples, r) for r in plan.roots]
        lost = [r for r, p in zip(plan.roots, parts, strict=True) if p is None and samples.states[r] != ROWS]
        if any(p and p.added for p in parts) and not lost:
            found.append(Summed(size, samples, parts))
        elif samples.mixing is not None:
            reasons.append(f"along {size} there is {words_of(samples.mixing)} of all together")
    if not found:
        why = "; ".join(reasons) or "no array has samples"
        raise NoRuleError(f"no dask code can be generated, for this is no sum over samples: {why}",
                          hint="take --code numpy, which has all data in memory")  # fmt: skip
    return min(found, key=lambda s: s.parts.count(None))


def _counted(size: str) -> Printer:
    """A size as a number: that of the samples counts all of them, not those of a block."""

    def write(w: Writer, node: Node) -> Text:
        own = w.sizes.known.get(size)
        w.sizes.known[size] = COUNT
        text: Text = PRINTERS["dim"](w, node)
        del w.sizes.known[size]
        w.sizes.known |= {size: own} if own else {}
        return text

    return write


def _function(name: str, arguments: Sequence[str], body: Body, returned: str) -> list[str]:
    inside = [*opening(body.sig, body), *body.lines, f"return {returned}"]
    return [*head(name, [*arguments, COUNT]), *indented(inside), "", ""]


def _tuple(texts: Sequence[str]) -> str:
    return f"({', '.join(texts)}{',' * (len(texts) == 1)})"


def _results(plan: Planned, summed: Summed) -> list[str]:
    """Sums with what no sample is in, and what stands end to end."""
    out, sums, own, rest = [], 0, 0, 0
    for node, part in zip(plan.roots, summed.parts, strict=True):
        if part is None:
            out.append(f"_end_to_end(own, {own}, {summed.samples.axis(node.shape)})")
            own += 1
            continue
        terms = [f"sums[{sums}]"] * (part.added is not None) + [f"rest[{rest}]"] * (part.rest is not None)
        out.append(" + ".join(terms))
        sums, rest = sums + (part.added is not None), rest + (part.rest is not None)
    return out
