"""``matcalc grade``: a row for each file, whatever it holds."""

from __future__ import annotations

import csv
from pathlib import Path

from click.testing import CliRunner

from matcalc.cli import main

FILES = {
    "anna.txt": b"r = A*x - b\nds/dx = 2*A'*r\n",
    "bo.tex": rb"""\begin{align} r &= A x - b \\
\mathrm{d}s &= r^\top A \mathrm{d}x \\
\frac{\partial s}{\partial x} &= A^\top r \end{align}""",
    "cleo.py": b"open('ran', 'w')\ndef grad(A, x, b):\n    return 2 * A.T @ (A @ x - b)\n",
    "dan.md": b"\xff\xfe no text",
    "eve.txt": b"ds/dx = =HYPERLINK(1)\n",
    "fay.txt": b"only prose here\n",
    "notes.pdf": b"%PDF",
}


def test_a_row_for_each_work(tmp_path: Path) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_bytes(text)
    (tmp_path / "link.txt").symlink_to(tmp_path / "anna.txt")
    words = ["grade", str(tmp_path), "--key", "s = norm2(A*x - b)^2", "--wrt", "x"]
    done = CliRunner().invoke(main, words)
    rows = {row["file"]: row for row in csv.DictReader(done.output.splitlines())}
    assert done.exit_code == 0 and list(rows) == ["anna.txt", "bo.tex", "cleo.py", "dan.md", "eve.txt", "fay.txt"]
    assert rows["anna.txt"]["verdict"] == "right" and rows["dan.md"]["verdict"] == rows["fay.txt"]["verdict"] == "not-understood"
    assert [rows["bo.tex"][c] for c in ("verdict", "line", "wrong", "carried on")] == ["factor", "2", "1", "1"]
    assert not any(cell.startswith(("=", "+", "@")) for row in rows.values() for cell in row.values())
    page = CliRunner().invoke(main, [*words, "--format", "html"]).output
    assert page.count("<tr") == 7 and 'class="wrong"' in page
    assert not (tmp_path / "ran").exists() and not Path("ran").exists()


def test_tables_in_files(tmp_path: Path) -> None:
    (tmp_path / "anna.txt").write_bytes(FILES["anna.txt"])
    words = ["grade", str(tmp_path), "--key", "s = norm2(A*x - b)^2", "--wrt", "x"]
    done = CliRunner().invoke(main, [*words, "-o", str(tmp_path / "t.csv"), "-o", str(tmp_path / "t.HTML")])
    assert done.exit_code == 0 and not done.stdout and "wrote" in done.stderr
    assert (tmp_path / "t.csv").read_text() == CliRunner().invoke(main, words).stdout
    assert (tmp_path / "t.HTML").read_text() == CliRunner().invoke(main, [*words, "--format", "html"]).stdout
    done = CliRunner().invoke(main, [*words, "-o", str(tmp_path / "t.pdf")])
    assert done.exit_code == 2 and "t.pdf is to end in .csv or .html" in done.stderr and not (tmp_path / "t.pdf").exists()


def test_what_is_refused(tmp_path: Path) -> None:
    for words in ([str(tmp_path)], [str(tmp_path), "--key", "x'*x"], [f"{tmp_path}/none", "--key", "x'*x"]):
        assert CliRunner().invoke(main, ["grade", *words]).exit_code == 2


def test_a_key_with_several_derivatives_asks_which(tmp_path: Path) -> None:
    (tmp_path / "anna.txt").write_text("df/dx = 2*A'*(A*x - b)")
    done = CliRunner().invoke(main, ["grade", str(tmp_path), "--key", "f = norm2(A*x - b)^2"])
    assert done.exit_code == 2 and "--wrt A or --wrt x or --wrt b" in done.output
