"""Why a job cannot run here: every constraint and requirement in one table.

line  constraint                        wanted    found
   4  attr.driver.qemu.version version  >= 8.0    7.2.22    no
   9  attr.cpu.arch =                   amd64     amd64     yes
"""

from collections.abc import Iterator

from qemu_run.node.constraints import Verdict
from qemu_run.planning.plan import Plan, Preferences, Requirement
from qemu_run.terminal.screen import Screen
from qemu_run.terminal.styles import Style
from qemu_run.terminal.tables import broken_columns
from qemu_run.terminal.wrapping import Piece, Whole

_INDENT = " " * 12
_LEFT = "  "


def show_placement(plan: Plan, screen: Screen) -> None:
    """Draw the table of a job that this machine cannot run, and the way out."""
    screen.line(("error: ", "error"), (f'this machine cannot run job "{plan.job.name}"', "strong"))
    screen.line()
    for pieces in table(plan, screen.columns):
        screen.line(*pieces)
    unmet = [str(_line(verdict)) for verdict in plan.verdicts if not verdict.met]
    if unmet and not plan.ignored_constraints:
        screen.line()
        lines = "line" if len(unmet) == 1 else "lines"
        screen.line(f"  run it all the same: --ignore-constraints ({lines} {', '.join(unmet)})")


def table(plan: Plan, width: int) -> Iterator[tuple[Piece, ...]]:
    """The lines of the table: heading, constraints, requirements, each with what explains it.

    `width` is the terminal's, 0 elsewhere.
    """
    rows: list[tuple[str, ...]] = [("line", "constraint", "wanted", "found", "")]
    ignored = "ignored" if plan.ignored_constraints else "no"
    rows += [_verdict_row(verdict, ignored) for verdict in plan.verdicts]
    rows += [_requirement_row(row) for row in plan.requirements]
    explanations = ["", *map(_explain, plan.verdicts), *(row.detail for row in plan.requirements)]
    met = [True, *(verdict.met for verdict in plan.verdicts), *(row.met for row in plan.requirements)]
    for number, (lines, explanation, good) in enumerate(
        zip(broken_columns(rows, width and width - len(_LEFT)), explanations, met, strict=True)
    ):
        for line in lines:
            yield _row(line, None if good and number else "strong" if number else "faint")
        for part in explanation.split("; ") if explanation else ():
            yield (_INDENT, part)


def preference_table(preferences: Preferences, width: int) -> Iterator[tuple[Piece, ...]]:
    """The lines of a group's affinities: like constraints, with weights."""
    rows: list[tuple[str, ...]] = [("line", "affinity", "wanted", "found", "weight", "")]
    for verdict in preferences.verdicts:
        *what, met = _verdict_row(verdict)
        rows.append((*what, str(verdict.constraint.weight), met))
    for number, lines in enumerate(broken_columns(rows, width and width - len(_LEFT))):
        for line in lines:
            yield _row(line, None if number else "faint")


def _row(line: str, style: Style | None) -> tuple[Piece, ...]:
    row = Whole(line)
    return (_LEFT, row if style is None else (row, style))


def _line(verdict: Verdict) -> int:
    span = verdict.constraint.at()
    return span.first.line if span else 0


def _verdict_row(verdict: Verdict, unmet: str = "no") -> tuple[str, ...]:
    what = f"{verdict.attribute} {verdict.constraint.operand}".strip()
    return f"{_line(verdict):>4}", what, verdict.wanted, verdict.found, "yes" if verdict.met else unmet


def _requirement_row(row: Requirement) -> tuple[str, ...]:
    line = f"{row.line:>4}" if row.line else ""
    return f"{line:>4}", row.what, row.wanted, row.found, "yes" if row.met else "no"


def _explain(verdict: Verdict) -> str:
    return "; ".join(filter(None, (verdict.hint, verdict.warning)))
