"""The distribution: what setup.cfg says is there; wheel and sdist hold what they should and nothing else.

Building takes seconds: it happens in CI and on `pytest -m packaging`; MATCALC_DIST may name a built folder.
"""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.places import ROOT

pytestmark = pytest.mark.source


def setup_cfg() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def lines(section: str, key: str) -> list[str]:
    return [line for line in setup_cfg()[section][key].splitlines() if line]


def modules() -> set[str]:
    """The modules as an installed package holds them; matcalc/rules/x.py lies in rules/ here."""
    ours = {path for path in (ROOT / "matcalc").rglob("*.py") if "rules" not in path.relative_to(ROOT).parts}
    return {path.relative_to(ROOT).as_posix() for path in ours} | {
        "matcalc/" + path.relative_to(ROOT).as_posix() for path in (ROOT / "rules").rglob("*.py")
    }


def data_files() -> set[str]:
    """What ships beside the modules, as setup.cfg names it."""
    named = setup_cfg()["options.package_data"]
    return {f"{package.replace('.', '/')}/{name}" for package in named for name in lines("options.package_data", package)}


def test_data_files_are_those_of_the_tree() -> None:
    files = {path for path in (ROOT / "matcalc").rglob("*") if path.is_file() and path.suffix != ".py" and not is_rubbish(path)}
    assert data_files() == {path.relative_to(ROOT).as_posix() for path in files}


def test_every_package_is_listed() -> None:
    folders = {str(Path(module).parent).replace(os.sep, ".") for module in modules()}
    assert lines("options", "packages") == sorted(folders)
    assert all(f"{folder.replace('.', '/')}/__init__.py" in modules() for folder in folders)


def test_version_is_the_same_everywhere() -> None:
    version = setup_cfg()["metadata"]["version"]
    import matcalc

    assert matcalc.__version__ == version
    assert f"\n## {version}" in (ROOT / "CHANGELOG.md").read_text("utf-8")


def test_pyproject_holds_the_build_system_only() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert text.startswith("[build-system]\n")
    assert len(text.splitlines()) == 3


def test_rules_are_found_from_the_source_tree() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("an sdist holds no link: there setup.cfg's package_dir finds rules/")
    link = ROOT / "matcalc" / "rules"
    assert link.is_symlink()
    assert link.readlink() == Path("../rules")


def test_tests_are_packages() -> None:
    """latex2sympy2 installs a package `tests`; ours wins only where every folder has its __init__.py."""
    folders = {path.parent for path in (ROOT / "tests").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").is_file()] == []


def test_no_path_or_host_of_a_machine() -> None:
    """Files that ship or run elsewhere name no home folder and no package host."""
    private = re.compile(r"(?:^|[\s\"'=(])/(?:root|home|work|Users)/|pypi\.org|registry\.npmjs|deb\.debian")
    texts = [ROOT / name for name in ("setup.cfg", "pyproject.toml", "MANIFEST.in", "ruff.toml", ".ci/run")]
    texts += [path for folder in ("matcalc", "rules", "benchmarks") for path in (ROOT / folder).rglob("*.py")]
    assert [str(path) for path in texts if private.search(path.read_text("utf-8"))] == []


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    """A folder with one wheel, built from the one sdist beside it."""
    if given := os.environ.get("MATCALC_DIST"):
        return Path(given)
    if os.environ.get("MATCALC_CI") != "1" and request.config.option.markexpr != "packaging":
        pytest.skip("builds only in CI or with -m packaging")
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--outdir", folder, ROOT]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "deprecat" not in (done.stdout + done.stderr).lower()
    return folder


@pytest.mark.packaging
def test_wheel_holds_our_modules_and_nothing_else(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        (entry,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "matcalc = matcalc.cli:main" in archive.read(entry).decode()
    assert names == modules() | data_files()


@pytest.mark.packaging
def test_sdist_is_enough_to_test_and_build(dist: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    folders = ("tests", "examples", "rules", "benchmarks", "docs")
    ours = {path for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()}
    wanted = {path.relative_to(ROOT).as_posix() for path in ours if not is_rubbish(path)}
    wanted |= {"setup.cfg", "pyproject.toml", "LICENSE", "README.md", "CHANGELOG.md"} | data_files()
    assert wanted - names == set()
    assert [name for name in names if is_rubbish(Path(name))] == []


def is_rubbish(path: Path) -> bool:
    return path.suffix in (".pyc", ".pyo") or not {"__pycache__", "node_modules", "_build"}.isdisjoint(path.parts)
