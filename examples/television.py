"""TV, telly and television: what happens to a word that is not in the training data when word vectors are trained.

    python examples/television.py [FOLDER]

The vectors of the three words are alike: the second coordinate tells screens from other things in the house, and all third
coordinates are 0. TV and telly are in the data, television is not. If the vectors are trained, TV and telly move to where the first
weights see them, along the third coordinate; television stays behind, and ends on the wrong side. If they are not, it is right.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from matcalc import training

LOSS = r"J = \frac1N \sum_{i=1}^N -\log \frac{e^{f_{y_i}}}{\sum_c e^{f_c}}, f = W L_{v_i} + b"
WORDS = ("TV", "telly", "television", "kettle", "toaster", "lamp")
VECTORS = np.array([[2.0, 0.3, 0], [2.1, 0.35, 0], [2.05, 0.32, 0], [2.0, -0.3, 0], [2.1, -0.32, 0], [1.9, -0.28, 0]])
WEIGHTS = np.array([[0.0, 1.0, -2.0], [0.0, -1.0, 2.0]])  # the first ones look along the third coordinate
SEEN = np.array([0, 1, 3, 4, 5] * 8)  # all but television


def trained(folder: Path, moving: bool) -> tuple[dict[str, float], Any]:
    """By how much each word counts as a screen rather than as something else, and its vectors afterwards."""
    data: dict[str, Any] = {"v": SEEN, "y": (SEEN < 3).astype(int)}
    roles, starts = {"v": "data", "y": "labels"}, {"W": WEIGHTS}
    if moving:
        starts["L"] = VECTORS
    else:
        data["L"], roles["L"] = VECTORS, "data"
    np.savez(folder / "first.npz", **starts)
    found = training.prepare(
        LOSS, data, roles, name="moving" if moving else "still", start=folder / "first.npz", test=0, epochs=40, batch=8, rate=0.05,
        optimiser="sparse-adam" if moving else "adam",
    ).run(folder)  # fmt: skip
    vectors = found.parameters.get("L", VECTORS)
    scores = vectors @ found.parameters["W"].T + found.parameters["b"]
    return dict(zip(WORDS, (scores[:, 1] - scores[:, 0]).tolist(), strict=True)), vectors


def main() -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(sys.argv[1] if len(sys.argv) > 1 else temporary)
        for moving in (False, True):
            scores, vectors = trained(folder, moving)
            print(f"word vectors {'trained too' if moving else 'left alone'}:")
            for i, (word, score) in enumerate(scores.items()):
                far = np.abs(vectors[i] - VECTORS[i]).max()
                print(f"  {word:10} {'a screen' if score > 0 else 'no screen':9} ({score:+.1f}), moved by {far:.2f}")


if __name__ == "__main__":
    main()
