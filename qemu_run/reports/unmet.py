"""What a job asks of this host and does not get, as diagnostics: on the terminal it is a table."""

from collections.abc import Iterator

from qemu_run.errors import Diagnostic
from qemu_run.planning.plan import Plan


def unmet(plan: Plan) -> Iterator[Diagnostic]:
    """One for each constraint and requirement that does not hold."""
    for verdict in plan.verdicts if not plan.ignored_constraints else ():
        if not verdict.met:
            what = f"{verdict.attribute} {verdict.constraint.operand}".strip()
            label = f"wanted {verdict.wanted}, found {verdict.found}"
            hints = (verdict.hint,) if verdict.hint else ()
            yield Diagnostic(
                f"this machine does not meet {what}", verdict.constraint.at(), label, hints=hints
            )
    for row in plan.requirements:
        if not row.met:
            label = f"wanted {row.wanted}, found {row.found}"
            yield Diagnostic(f"this machine does not offer {row.what}", row.span, label, row.detail)
