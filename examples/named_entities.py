"""Named entities by windows of three words, trained on derived gradients, with the word vectors and without them.

    python examples/named_entities.py [FOLDER]

named_entities.tagged has a hundred sentences of our own; word/PER, word/LOC and word/ORG are entities. Each word is classified from
itself and its neighbours: f = U tanh(W [x_left; x; x_right] + b) + g, with W cut into the blocks A, B and D. A fifth of the words
is held out. Only the rows of the words in a batch move (sparse Adam).
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from matcalc import training

LOSS = (
    r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_c e^{f_c}}, "
    r"f = U \tanh(A L_{p_i} + B L_{v_i} + D L_{q_i} + b) + g"
)
TAGS = ("O", "PER", "LOC", "ORG")
VECTOR, HIDDEN = 12, 24


def windows(text: str) -> tuple[dict[str, Any], list[str]]:
    """Left neighbour, word, right neighbour and tag of each word, as integers; and the words by number."""
    rows = []
    for line in text.splitlines():
        pairs = [tuple(token.partition("/")[::2]) for token in line.split()]
        words = ["<s>", *[word for word, _ in pairs], "</s>"]
        rows += [(*words[i : i + 3], tag or "O") for i, (_, tag) in enumerate(pairs)]
    known = sorted({word for row in rows for word in row[:3]})
    number = {word: i for i, word in enumerate(known)}
    columns = [[number[row[k]] for row in rows] for k in range(3)] + [[TAGS.index(row[3]) for row in rows]]
    return {name: np.array(column) for name, column in zip("pvqy", columns, strict=True)}, known


def trained(folder: Path, moving: bool) -> training.Outcome:
    """With the word vectors among the parameters, or with vectors that stay."""
    data, words = windows(Path(__file__).with_suffix(".tagged").read_text("utf-8"))
    vectors = np.random.default_rng(0).normal(size=(len(words), VECTOR)) / np.sqrt(VECTOR)
    roles = {"p": "data", "v": "data", "q": "data", "y": "labels"}
    more: dict[str, Any] = {"sizes": {"m": HIDDEN}, "epochs": 15, "rate": 0.01, "batch": 16}
    if moving:
        np.savez(folder / "vectors.npz", L=vectors)
        more |= {"start": folder / "vectors.npz", "optimiser": "sparse-adam"}
    else:
        data["L"], roles["L"] = vectors, "data"
    return training.prepare(LOSS, data, roles, name="moving" if moving else "still", **more).run(folder)


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        for moving in (False, True):
            found = trained(folder, moving)
            assert found.accuracy is not None
            what = "trained too" if moving else "left as drawn"
            print(f"word vectors {what}: {found.accuracy:.1%} of the words held out are right, loss {found.epochs[-1]['loss']:.3f}")


if __name__ == "__main__":
    main()
