"""QEMU's accelerators: their names, and lists of them.

Source: QEMU's manual page of 7.2 and 11.1, `-accel`.
"""

from collections.abc import Mapping

ACCELERATORS: Mapping[str, str] = {
    "tcg": "QEMU's own translator, on every host",
    "kvm": "Linux's",
    "hvf": "macOS's",
    "whpx": "Windows'",
    "nvmm": "NetBSD's",
    "xen": "a Xen host's",
    "mshv": "Linux's on Hyper-V, from QEMU 11",
    "nitro": "AWS Nitro Enclaves', from QEMU 11",
    "hax": "Intel's, gone since QEMU 8.2",
    "qtest": "QEMU's own tests'",
}
"""Every name that a QEMU knows, and whose it is."""
NOT_ACCELERATORS: Mapping[str, str] = {
    "auto": "kvm:tcg",
    "best": "kvm:tcg",
    "none": "tcg",
    "any": "kvm:tcg",
    "host": "kvm",
    "hyperv": "whpx",
    "hypervisor.framework": "hvf",
}
"""Words that people write and QEMU does not know, with what to write."""


def read_accelerators(text: str) -> tuple[str, ...]:
    """The names in `kvm:tcg`, in their order, each once; empty ones left out."""
    return tuple(dict.fromkeys(name for name in text.split(":") if name))


def accelerator_mistake(name: str) -> str:
    """What to write instead of a word that no QEMU knows; empty for one that it knows.

    The text is a sentence's end: `did you mean "kvm"?`.
    """
    from qemu_run.errors import did_you_mean

    if name in ACCELERATORS:
        return ""
    if name in NOT_ACCELERATORS:
        return f'QEMU\'s word for that is "{NOT_ACCELERATORS[name]}"'
    return did_you_mean(name, list(ACCELERATORS)) or f"known: {', '.join(ACCELERATORS)}"
