"""Which accelerator a guest gets: the first of those it names that works here."""

from collections.abc import Callable, Sequence

ANY = "auto"
"""On the command line: KVM where it works, else emulation."""
AUTOMATIC = "kvm:tcg"
_ALWAYS = frozenset({"tcg", "qtest"})


def choose(names: Sequence[str], works: Callable[[str], bool]) -> str:
    """The first of `names` that works; the first of all where none does, tcg where there is no name."""
    return next((name for name in names if works(name)), next(iter(names), "tcg"))


def obstacle(name: str, offered: Callable[[], tuple[str, ...]], kvm: Callable[[], str]) -> str:
    """Why an accelerator cannot be used, in a few words; empty if it can.

    Args:
        name: One name.
        offered: Those that the emulator has; none at all if it does not tell.
        kvm: What is known of KVM: `usable`, or `unusable: why`.
    """
    if name in _ALWAYS:
        return ""
    has = offered()
    if has and name not in has:
        return f"this QEMU has {', '.join(has)}"
    if name != "kvm":
        return ""
    state = kvm()
    return "" if state == "usable" else state


def hint(used: str, *, is_hosts_own: bool, kvm: Callable[[], str]) -> str:
    """What to say of a guest that is slower than it could be; empty if it is not.

    Args:
        used: The accelerator that was chosen.
        is_hosts_own: The emulator is for this machine's own processor; KVM runs no other.
        kvm: What is known of KVM.
    """
    if used != "tcg" or not is_hosts_own or kvm() != "usable":
        return ""
    return 'KVM works here and is much faster: accelerator = "kvm:tcg", or --accelerator auto'
