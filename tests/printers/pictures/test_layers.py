"""Where boxes and arrows stand: nothing overlaps, and it is the same every time."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from matcalc.printers.pictures.layers import Layout, Link, Rect, Route, layout

Graph = tuple[list[tuple[float, float]], list[Link], frozenset[int]]


def random_graph(seed: int, nodes: int) -> Graph:
    """Boxes of all sizes, each but the inputs with one to three arrows into it; the last one is the end."""
    rng = random.Random(seed)
    inputs = rng.randint(1, max(1, nodes // 2))
    sizes = [(rng.uniform(20, 300), rng.uniform(20, 120)) for _ in range(nodes)] + [(0.0, 18.0)]
    links = []
    for target in range(inputs, nodes):
        for source in rng.sample(range(target), min(target, rng.randint(1, 3))):
            links.append(Link(source, target, rng.uniform(5, 200)))
    used = {k.source for k in links}
    links += [Link(i, nodes - 1, 10.0) for i in range(nodes - 1) if i not in used] + [Link(nodes - 1, nodes, 8.0)]
    return sizes, links, frozenset(range(inputs))


def apart(a: Rect, b: Rect) -> bool:
    return a.x + a.width <= b.x or b.x + b.width <= a.x or a.y + a.height <= b.y or b.y + b.height <= a.y


def way(route: Route) -> list[tuple[float, float]]:
    """Points on the whole of an arrow, the curves included."""
    points = [route.start]
    for a, b in route.bends:
        middle = (a[0] + b[0]) / 2
        for i in range(11):
            t = i / 10
            corners = [a, (middle, a[1]), (middle, b[1]), b]
            while len(corners) > 1:  # de Casteljau
                corners = [between(p, q, t) for p, q in pairwise(corners)]
            points += corners
    points.append(route.end)
    return [between(p, q, i / 10) for p, q in pairwise(points) for i in range(11)]


def between(p: tuple[float, float], q: tuple[float, float], t: float) -> tuple[float, float]:
    return p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t


def inside(p: tuple[float, float], r: Rect) -> bool:
    return r.x + 0.01 < p[0] < r.x + r.width - 0.01 and r.y + 0.01 < p[1] < r.y + r.height - 0.01


def labels(plan: Layout, links: list[Link]) -> list[Rect]:
    """The rectangles of both labels of each arrow: a line of text above, and one below."""
    found = []
    for link, route in zip(links, plan.routes, strict=True):
        (left, y), (right, _) = route.label
        assert right - left >= link.width
        found += [Rect((left + right - link.width) / 2, y + dy, link.width, 14.0) for dy in (-16.0, 3.0)]
    return found


@pytest.mark.sample(7)
@pytest.mark.parametrize("nodes", [1, 2, 5, 12, 25, pytest.param(40, marks=pytest.mark.slow)])
@pytest.mark.parametrize("seed", range(4))
def test_nothing_overlaps(seed: int, nodes: int) -> None:
    sizes, links, inputs = random_graph(seed, nodes)
    plan = layout(sizes, links, inputs)
    rects = [*plan.boxes, *labels(plan, links)]
    assert all(apart(a, b) for a, b in combinations(rects, 2))
    for route in plan.routes:
        points = way(route)
        assert not any(inside(p, r) for p in points for r in rects)
    assert min(r.x for r in rects) >= 0 and max(r.x + r.width for r in rects) <= plan.width + 0.01
    assert min(r.y for r in plan.boxes) >= -0.01 and max(r.y + r.height for r in rects) <= plan.height + 0.01


def test_an_overlap_would_be_seen() -> None:
    sizes, links, inputs = random_graph(0, 12)
    plan = layout(sizes, links, inputs)
    wide = [r._replace(width=r.width + 400, height=r.height + 100) for r in plan.boxes]
    assert not all(apart(a, b) for a, b in combinations(wide, 2))
    assert any(inside(p, r) for route in plan.routes for p in way(route) for r in wide)


def test_it_is_the_same_every_time() -> None:
    graph = random_graph(7, 30)
    assert layout(*graph) == layout(*graph)


def test_arrows_lead_to_the_right_and_inputs_stand_before_their_first_use() -> None:
    sizes, links, inputs = random_graph(3, 30)
    plan = layout(sizes, links, inputs)
    for link, route in zip(links, plan.routes, strict=True):
        xs = [p[0] for p in way(route)]
        assert xs == sorted(xs) and plan.boxes[link.source].x < plan.boxes[link.target].x
    lefts = sorted({r.x for r in plan.boxes})
    for place in inputs:
        first = min(plan.boxes[k.target].x for k in links if k.source == place)
        assert lefts.index(first) - lefts.index(plan.boxes[place].x) == 1


def test_two_chains_do_not_cross() -> None:
    """0 → 2 → 4 and 1 → 3 → 4, given in an order that crosses: the layers are put in another one."""
    links = [Link(1, 2, 5.0), Link(0, 3, 5.0), Link(3, 4, 5.0), Link(2, 4, 5.0)]
    plan = layout([(20.0, 20.0)] * 5, links, frozenset((0, 1)))
    assert (plan.boxes[0].y < plan.boxes[1].y) == (plan.boxes[3].y < plan.boxes[2].y)
