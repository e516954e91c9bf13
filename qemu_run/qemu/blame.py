"""Which of a job's args QEMU's words are about.

QEMU names the option that it was reading, word for word, before what is wrong with it:

    qemu-system-x86_64: -drive file=gone.img,if=virtio: Could not open 'gone.img': No such file or directory

What goes wrong when the machine is made has no such place; the file or name that it is about leads there.
"""

from collections.abc import Sequence

from qemu_run.qemu.arguments import read_args
from qemu_run.qemu.words import explain

_SHORTEST_SUBJECT = 3


def blamed(said: Sequence[str], args: Sequence[str]) -> int | None:
    """The index of the argument that is to blame: an option's value, or the option; None if none is known."""
    by_place = _by_place(said, args)
    return _by_subject(said, args) if by_place is None else by_place


def _by_place(said: Sequence[str], args: Sequence[str]) -> int | None:
    for option in read_args(args):
        last = option.index + len(option.arguments) - 1
        given = (f": {' '.join(args[option.index : last + 1])}: ", f": {' '.join(option.arguments)}: ")
        if any(place in f"{line} " for place in given for line in said):
            return last
    return None


def _by_subject(said: Sequence[str], args: Sequence[str]) -> int | None:
    """The argument that holds what QEMU's words are about, as far as they are understood."""
    subjects = [each.subject for each in explain("\n".join(said)) if len(each.subject) >= _SHORTEST_SUBJECT]
    return next((at for at, text in enumerate(args) if any(subject in text for subject in subjects)), None)
