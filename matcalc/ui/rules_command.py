"""``matcalc rules``: look at the rules, or test them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from matcalc.ui.console import CONTEXT, say

if TYPE_CHECKING:
    from matcalc.algebra.rule import Book

OWN = click.option("--rules", "path", metavar="FILE", help="See the rule rows of this file too.")


@click.group(context_settings=CONTEXT)
def rules() -> None:
    """Look at the rules, or test them."""


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from matcalc.api import book

    return [name for name in book().rows() if name.startswith(incomplete)]


def _book(path: str | None) -> tuple[Book, list[str]]:
    """The book with the rows of a file, and their names."""
    from matcalc.api import book
    from matcalc.check.rows.own_rules import extended

    return (book(), []) if path is None else extended(book(), path)


@rules.command("list")
@click.option("--group", help="Only the rules of this group.")
@OWN
def list_rules(group: str | None, path: str | None) -> None:
    """All rules by group."""
    from matcalc.algebra.rulelist import listed

    say(listed(_book(path)[0], group))


@rules.command("show")
@click.argument("name", shell_complete=complete_rules)
@OWN
def show_rule(name: str, path: str | None) -> None:
    """A rule, or the rules that a line calls so: equation, sizes and conditions, source."""
    from matcalc.algebra.rulelist import shown

    say(shown(_book(path)[0], name))


@rules.command("check")
@click.argument("names", nargs=-1, shell_complete=complete_rules)
@OWN
def check_rules(names: tuple[str, ...], path: str | None) -> int:
    """Test rules numerically: those named, else those of the file, else all of them."""
    from matcalc.check.rows import tester

    book, own = _book(path)
    found = tester.check_rules(book, list(names) or own or None)
    width = max((len(name) for name, *_ in found), default=0)
    for name, error, passed, message in found:
        say(f"{'✓' if passed else '✗'} {name:<{width}}  {error:.1e}  {message}".rstrip())
    failed = sum(not passed for _, _, passed, _ in found)
    click.echo(f"{len(found)} rules checked, {failed} failed", err=True)
    return 4 if failed else 0
