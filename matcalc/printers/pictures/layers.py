"""Where boxes and arrows stand: layers from left to right, in which nothing can overlap.

Each layer has three zones beside each other: curves, labels, boxes. An arrow bends in the zone of curves alone, then runs straight
through that of labels, on a port of its own, into its box; one that is longer than a layer runs straight through the layers
between in a lane that is kept free like a box. Orders within layers are those of medians (Sugiyama, Tagawa and Toda 1981), heights
the nearest ones to the middle of the neighbours (isotonic regression). All of it is the same every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

LANE, PORT = 18.0, 40.0  # heights of a lane, and of an arrow with its two labels
ROW_GAP, BEND, PAD = 16.0, 56.0, 8.0
SWEEPS = 12


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float


class Link(NamedTuple):
    """An arrow to be drawn: from place to place, with the width of its labels."""

    source: int
    target: int
    width: float


class Route(NamedTuple):
    """``bends`` are (from, to) of each curve, joined by straight lines; the labels stand above and below ``label``, the straight
    line at its end."""

    start: tuple[float, float]
    bends: tuple[tuple[tuple[float, float], tuple[float, float]], ...]
    end: tuple[float, float]
    label: tuple[tuple[float, float], tuple[float, float]]


class Layout(NamedTuple):
    boxes: tuple[Rect, ...]
    routes: tuple[Route, ...]
    width: float
    height: float


def layout(sizes: Sequence[tuple[float, float]], links: Sequence[Link], inputs: frozenset[int]) -> Layout:
    """Rectangles of boxes with these (width, height), and ways of the links, which lead from lower places to higher ones.

    ``inputs`` may stand in any layer before their first use; the others stand as far left as they can.
    """
    levels = _levels(len(sizes), links, inputs)
    chains = [_Chain(link, tuple(range(levels[link.source] + 1, levels[link.target]))) for link in links]
    layers = _ordered(_items(levels, chains), _neighbours(chains, levels))
    heights = {item: _height(item, sizes, links) for layer in layers for item in layer}
    middles = _heights(layers, heights, _neighbours(chains, levels))
    return _placed(sizes, chains, levels, layers, middles)


class _Chain(NamedTuple):
    """A link and the layers that it passes."""

    link: Link
    through: tuple[int, ...]


Item = tuple[int, int]  # a box: (place, -1); a lane: (number of the link, its layer)


def _levels(count: int, links: Sequence[Link], inputs: frozenset[int]) -> list[int]:
    levels = [0] * count
    for place in range(count):
        levels[place] = max([levels[k.source] + 1 for k in links if k.target == place], default=0)
    for place in inputs:
        levels[place] = min([levels[k.target] - 1 for k in links if k.source == place], default=0)
    return levels


def _items(levels: Sequence[int], chains: Sequence[_Chain]) -> list[list[Item]]:
    """What stands in each layer, in the order in which one who walks back from the last box meets it."""
    found: list[list[Item]] = [[] for _ in range(max(levels) + 1)]
    seen: set[int] = set()
    stack = sorted(range(len(levels)))  # the last one is the end
    while stack:
        place = stack.pop()
        if place in seen:
            continue
        seen.add(place)
        found[levels[place]].append((place, -1))
        into = [(i, c) for i, c in enumerate(chains) if c.link.target == place]
        for i, chain in into:
            for layer in chain.through:
                found[layer].append((i, layer))
        stack += [c.link.source for _, c in reversed(into)]
    return found


def _neighbours(chains: Sequence[_Chain], levels: Sequence[int]) -> list[tuple[Item, Item]]:
    """The pairs of items in layers beside each other that an arrow joins, from left to right."""
    pairs = []
    for i, chain in enumerate(chains):
        way: list[Item] = [(chain.link.source, -1), *((i, layer) for layer in chain.through), (chain.link.target, -1)]
        pairs += list(pairwise(way))
    return pairs


def _ordered(layers: list[list[Item]], pairs: Sequence[tuple[Item, Item]]) -> list[list[Item]]:
    """The layers in orders with few crossings: each by the means of its neighbours, to and fro, the best of all."""
    best, least = layers, _crossings(layers, pairs)
    for sweep in range(SWEEPS):
        layers = [list(layer) for layer in layers]
        at = {item: i for layer in layers for i, item in enumerate(layer)}
        ways = pairs if sweep % 2 == 0 else [(b, a) for a, b in pairs]
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            near = {item: [at[a] for a, b in ways if b == item] for item in layer}
            layer.sort(key=lambda item: sum(near[item]) / len(near[item]) if near[item] else at[item])
            at |= {item: i for i, item in enumerate(layer)}
        count = _crossings(layers, pairs)
        if count < least:
            best, least = layers, count
    return best


def _crossings(layers: Sequence[Sequence[Item]], pairs: Sequence[tuple[Item, Item]]) -> int:
    at = {item: (n, i) for n, layer in enumerate(layers) for i, item in enumerate(layer)}
    between: dict[int, list[tuple[int, int]]] = {}
    for a, b in pairs:
        between.setdefault(at[a][0], []).append((at[a][1], at[b][1]))
    return sum((a - c) * (b - d) < 0 for found in between.values() for i, (a, b) in enumerate(found) for c, d in found[:i])


def _height(item: Item, sizes: Sequence[tuple[float, float]], links: Sequence[Link]) -> float:
    if item[1] >= 0:
        return LANE
    return max(sizes[item[0]][1], PORT * sum(k.target == item[0] for k in links))


def _heights(layers: Sequence[Sequence[Item]], heights: dict[Item, float], pairs: Sequence[tuple[Item, Item]]) -> dict[Item, float]:
    """The middle of each item: as near as can be to the mean of its neighbours."""
    middles: dict[Item, float] = {}
    for layer in layers:
        middles |= dict(zip(layer, _apart([0.0] * len(layer), [heights[i] for i in layer]), strict=True))
    near: dict[Item, list[Item]] = {item: [] for item in middles}
    for a, b in pairs:
        near[a].append(b)
        near[b].append(a)
    for sweep in range(SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [sum(middles[n] for n in near[i]) / len(near[i]) if near[i] else middles[i] for i in layer]
            middles |= dict(zip(layer, _apart(wanted, [heights[i] for i in layer]), strict=True))
    top = min(middles[i] - heights[i] / 2 for i in middles)
    return {item: y - top for item, y in middles.items()}


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """The numbers nearest to ``wanted``, in squares, at which things so high do not touch (pool adjacent violators)."""
    offsets = [0.0]
    for a, b in pairwise(heights):
        offsets.append(offsets[-1] + (a + b) / 2 + ROW_GAP)
    pools: list[tuple[float, int]] = []  # sum, count
    for w, o in zip(wanted, offsets, strict=False):
        pools.append((w - o, 1))
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            (a, m), (b, n) = pools[-2:]
            pools[-2:] = [(a + b, m + n)]
    level = [total / count for total, count in pools for _ in range(count)]
    return [x + o for x, o in zip(level, offsets, strict=False)]


def _placed(
    sizes: Sequence[tuple[float, float]], chains: Sequence[_Chain], levels: Sequence[int], layers: Sequence[Sequence[Item]],
    middles: dict[Item, float],
) -> Layout:  # fmt: skip
    """Columns from left to right, and the ways of the arrows through them."""
    bends, lefts, rights, x = [], [], [], 0.0
    for n, layer in enumerate(layers):
        ends = [c.link.width for c in chains if levels[c.link.target] == n]
        bends.append(x)
        lefts.append(x + (BEND + max(ends) + 2 * PAD if ends else 0.0))
        rights.append(lefts[-1] + max([sizes[item[0]][0] for item in layer if item[1] < 0], default=0.0))
        x = rights[-1]
    boxes = [Rect(lefts[levels[i]], middles[i, -1] - h / 2, w, h) for i, (w, h) in enumerate(sizes)]
    routes = [_route(i, chains, levels, middles, (bends, lefts, rights), boxes) for i in range(len(chains))]
    height = max([r.y + r.height for r in boxes] + [p[1] + PORT / 2 for r in routes for _, p in r.bends])
    return Layout(tuple(boxes), tuple(routes), x, height)


def _route(
    number: int, chains: Sequence[_Chain], levels: Sequence[int], middles: dict[Item, float],
    columns: tuple[list[float], list[float], list[float]], boxes: Sequence[Rect],
) -> Route:  # fmt: skip
    bends, lefts, _ = columns
    link, through = chains[number]
    box = boxes[link.source]
    at = start = (box.x + box.width, middles[link.source, -1])
    port = _port(number, chains, middles)
    curves = []
    for layer, y in [*((n, middles[number, n]) for n in through), (levels[link.target], port)]:
        curves.append(((bends[layer], at[1]), (bends[layer] + BEND, y)))
        at = curves[-1][1]
    return Route(start, tuple(curves), (lefts[levels[link.target]], port), (at, (lefts[levels[link.target]], port)))


def _port(number: int, chains: Sequence[_Chain], middles: dict[Item, float]) -> float:
    """The height at which an arrow arrives: those into one box in the order of where they come from."""

    def origin(i: int) -> tuple[float, int]:
        link, through = chains[i]
        return middles[(i, through[-1]) if through else (link.source, -1)], i

    target = chains[number].link.target
    into = sorted((i for i, c in enumerate(chains) if c.link.target == target), key=origin)
    return middles[target, -1] + (into.index(number) - (len(into) - 1) / 2) * PORT


__all__ = ["Layout", "Link", "Rect", "Route", "layout"]
