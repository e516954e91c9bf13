"""A job's `args`: what they make of the guest, and what of them goes to QEMU in the words of its version."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from qemu_run.planning import accelerators
from qemu_run.qemu.accelerators import read_accelerators
from qemu_run.qemu.arguments import Option, read_args
from qemu_run.qemu.own_options import OwnOptions
from qemu_run.qemu.properties import quote
from qemu_run.qemu.translations import Translated, read_version, translate
from qemu_run.records import record

_OURS_ALREADY = frozenset({"nographic"})
"""Options that would tie QEMU's monitor to a terminal, and whose effect ours have already."""
_OLDEST, _NEWEST = (7, 2), (999, 0)


@record(kw_only=True)
class OwnArgs:
    """What is known of a job's args."""

    own: OwnOptions
    """The guest as they describe it; indexes are those of the job's list."""
    options: tuple[Option, ...]
    """As QEMU gets them, one by one."""
    translated: Translated
    """The arguments for QEMU, with what is to be said about them."""
    accelerator: str
    """The one that is used."""
    says_accelerator: bool
    """They name it themselves."""


def read(
    args: Sequence[str],
    version: Callable[[], str],
    *,
    accelerator: str,
    override: str | None,
    works: Callable[[str], bool],
) -> OwnArgs:
    """The args of a job.

    Args:
        args: As the job has them, references replaced.
        version: Asks the emulator; only where the args read otherwise in some versions.
        accelerator: What the config says.
        override: What the command line says over everything.
        works: Whether an accelerator can be used here.
    """
    written = read_args(args)
    own = _described(written)
    names = read_accelerators(override or "") or own.accelerators or read_accelerators(accelerator)
    chosen = accelerators.choose(names, works)
    kept = [option for option in written if option.name not in _OURS_ALREADY]
    if override or len(own.accelerators) > 1:
        kept = list(_only_accelerator(kept, chosen))
    says_accelerator = bool(_described(kept).accelerators)
    translated = translate(kept, _OLDEST)
    if translated != translate(kept, _NEWEST):
        translated = translate(kept, read_version(version()))
    return OwnArgs(
        own=own,
        options=read_args(translated.arguments),
        translated=translated,
        accelerator=chosen,
        says_accelerator=says_accelerator,
    )


def _described(options: Sequence[Option]) -> OwnOptions:
    """What options say together; most jobs have none, and their reading takes a while to load."""
    if not options:
        return OwnOptions(options=())
    from qemu_run.qemu.read_own import read_own_options

    return read_own_options(options)


def _only_accelerator(options: Iterable[Option], name: str) -> Iterator[Option]:
    """The options without any other accelerator than `name`, whose own properties stay."""
    for option in options:
        if option.name == "accel" and option.properties.get("accel") == name:
            yield option
        elif option.name in {"machine", "M"} and option.properties.has("accel"):
            rest = [(key, value) for key, value in option.properties.pairs if key != "accel"]
            if rest:
                yield replace(option, value=",".join(f"{key}={quote(value)}" for key, value in rest))
        elif option.name not in {"accel", "enable-kvm"}:
            yield option
