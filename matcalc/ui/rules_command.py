"""``matcalc rules``: look at the rules, or test them."""

from __future__ import annotations

import click

from matcalc.ui.console import CONTEXT, say


@click.group(context_settings=CONTEXT)
def rules() -> None:
    """Look at the rules, or test them."""


def complete_rules(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from matcalc.api import book

    return [name for name in book().rows() if name.startswith(incomplete)]


@rules.command("list")
@click.option("--group", help="Only the rules of this group.")
def list_rules(group: str | None) -> None:
    """All rules by group."""
    from matcalc.algebra.rulelist import listed
    from matcalc.api import book

    say(listed(book(), group))


@rules.command("show")
@click.argument("name", shell_complete=complete_rules)
def show_rule(name: str) -> None:
    """One rule: equation, sizes and conditions, source."""
    from matcalc.algebra.rulelist import shown
    from matcalc.api import book

    say(shown(book(), name))


@rules.command("check")
@click.argument("names", nargs=-1, shell_complete=complete_rules)
def check_rules(names: tuple[str, ...]) -> int:
    """Test rules numerically: all of them, or those named."""
    from matcalc.api import book
    from matcalc.check.rows import tester

    found = tester.check_rules(book(), list(names) or None)
    width = max((len(name) for name, *_ in found), default=0)
    for name, error, passed, message in found:
        say(f"{'✓' if passed else '✗'} {name:<{width}}  {error:.1e}  {message}".rstrip())
    failed = sum(not passed for _, _, passed, _ in found)
    click.echo(f"{len(found)} rules checked, {failed} failed", err=True)
    return 4 if failed else 0
