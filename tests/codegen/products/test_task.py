"""What a target is given."""

from __future__ import annotations

import matcalc
from matcalc.codegen.products.calling import task_of
from matcalc.codegen.products.task import Task
from matcalc.codegen.targets import names, source_in


def test_every_target_takes_a_task_and_nothing_else() -> None:
    d = matcalc.derive("u'*f(W*x)", wrt="W")
    task = task_of(d, "loss")
    assert isinstance(task, Task) and task.signature.arguments == ["u", "W", "x", "f", "df"]
    assert source_in("numpy")(task) == d.to_code(name="loss") and {"class", "numpy", "sparse"} <= set(names())
