"""Training on derived gradients: a part of the porch in a folder of its own. What stands in a script lives in codegen/scripts/.

>>> import matcalc.training
>>> loss = "J = mean((X*w - y).^2)"
>>> data = {"X": [[1.0, 2], [3, 4], [5, 6], [7, 9]], "y": [1.0, 2, 3, 4]}
>>> t = matcalc.training.prepare(loss, data, {"X": "data", "y": "targets"}, test=0)
>>> "grad_w" in t.script
True
"""

from __future__ import annotations

from matcalc.codegen.scripts.choices import Choices
from matcalc.training.running import Outcome, Training, outcome, prepare, run, train

__all__ = ["Choices", "Outcome", "Training", "outcome", "prepare", "run", "train"]
