"""What the machine itself has to say: processors, memory, kernel, system, storage, network.

Most functions give one family of attributes, with Nomad's names and Nomad's string values; what can't be
found is empty. Source: Nomad 2.0, `client/fingerprint` and `client/lib/numalib`.
"""

import os
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

_GO_ARCHITECTURES = {
    "x86_64": "amd64",
    "aarch64": "arm64",
    "armv7l": "arm",
    "armv6l": "arm",
    "i686": "386",
    "loongarch64": "loong64",
}
_SYSTEM_CPU = Path("/sys/devices/system/cpu")
_SYSTEM_NODE = Path("/sys/devices/system/node")
_HYBRID_CORES = {
    ".performance": Path("/sys/devices/cpu_core/cpus"),
    ".efficiency": Path("/sys/devices/cpu_atom/cpus"),
}
_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_VERSION = 1
_SIGNALS = (
    "ABRT ALRM BUS CONT FPE HUP ILL INT IO IOT KILL NULL PIPE PROF QUIT SEGV STOP SYS TERM TRAP TSTP TTIN "
    "TTOU USR1 USR2 WINCH XCPU XFSZ"
)
_OS_NAMES = {
    "rhel": "redhat",
    "ol": "oracle",
    "amzn": "amazon",
    "sles": "suse",
    "opensuse-leap": "opensuse",
    "opensuse-tumbleweed": "opensuse",
}


def _line(path: Path) -> str:
    """A one-line file's text, empty if there is none to read."""
    try:
        return path.read_text(errors="replace").strip().removesuffix("\0")
    except OSError:
        return ""


def _processor(key: str) -> str:
    """The first value of `key` in /proc/cpuinfo."""
    for line in _line(Path("/proc/cpuinfo")).splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def _ids(ranges: str) -> list[int]:
    """The numbers of `0-3,8`."""
    spans = [span.partition("-") for span in ranges.split(",") if span]
    return [number for low, _, high in spans for number in range(int(low), int(high or low) + 1)]


def _megahertz(core: int) -> int:
    """The base speed, else the highest, else the current one; 0 if nothing says."""
    for name in ("base_frequency", "cpuinfo_max_freq"):
        if kilohertz := _line(_SYSTEM_CPU / f"cpu{core}" / "cpufreq" / name):
            return int(kilohertz) // 1000
    return int(float(_processor("cpu MHz") or 0))


def cpu(total_compute: int = 0) -> dict[str, str]:
    """`cpu.*`. A `total_compute` in MHz, if given, stands for what the machine says."""
    online = _ids(_line(_SYSTEM_CPU / "online")) or list(range(os.cpu_count() or 1))
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else len(online)
    machine = os.uname().machine
    speeds = dict(_speeds(online))
    total = total_compute or sum(speed * cores for speed, cores in speeds.values())
    found = {
        "cpu.arch": _GO_ARCHITECTURES.get(machine, machine),
        "cpu.modelname": _processor("model name"),
        "cpu.numcores": str(len(online)),
        "cpu.reservablecores": str(usable),
    }
    if total:
        found["cpu.totalcompute"] = str(total)
        found["cpu.usablecompute"] = str(total * usable // len(online))
    for grade, (speed, cores) in speeds.items():
        found[f"cpu.frequency{grade}"] = str(speed or "")
        if grade:
            found[f"cpu.numcores{grade}"] = str(cores)
    return found


def _speeds(online: list[int]) -> Iterator[tuple[str, tuple[int, int]]]:
    """The speed in MHz and the number of cores by grade; a machine whose cores are alike has the grade ``."""
    hybrid = {grade: _ids(_line(path)) for grade, path in _HYBRID_CORES.items()}
    grades = hybrid if all(hybrid.values()) else {"": online}
    for grade, cores in grades.items():
        yield grade, (_megahertz(cores[0]), len(cores))


def numa() -> dict[str, str]:
    """`numa.*`; a machine that shows no nodes is one."""
    nodes = _ids(_line(_SYSTEM_NODE / "online"))
    if not nodes:
        cores = _line(_SYSTEM_CPU / "online") or f"0-{(os.cpu_count() or 1) - 1}"
        return {"numa.node.count": "1", "numa.node0.cores": cores}
    cores_of = {f"numa.node{node}.cores": _line(_SYSTEM_NODE / f"node{node}" / "cpulist") for node in nodes}
    return {"numa.node.count": str(len(nodes)), **cores_of}


def memory_total() -> int:
    """The memory of the machine in bytes."""
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def kernel() -> dict[str, str]:
    """`kernel.*`."""
    system = os.uname()
    return {
        "kernel.name": sys.platform,
        "kernel.version": system.release,
        "kernel.arch": system.machine,
        "kernel.landlock": f"v{landlock}" if (landlock := _landlock()) else "",
    }


def _landlock() -> int:
    """The version of the kernel's Landlock interface; 0 if it has none, or it is off."""
    if sys.platform != "linux":
        return 0
    import ctypes

    return max(0, int(ctypes.CDLL(None).syscall(_LANDLOCK_CREATE_RULESET, None, 0, _LANDLOCK_VERSION)))


def operating_system() -> dict[str, str]:
    """`os.*`."""
    release = _os_release()
    name = release.get("ID", sys.platform)
    version = release.get("VERSION_ID", "")
    if name == "debian":
        version = _line(Path("/etc/debian_version")) or version
    return {
        "os.name": _OS_NAMES.get(name, name),
        "os.version": version,
        "os.signals": ",".join(f"SIG{signal}" for signal in _SIGNALS.split()),
        "os.cgroups.version": _cgroups(),
    }


def _os_release() -> dict[str, str]:
    """The fields of /etc/os-release. The module `platform` has them too, and takes two milliseconds."""
    text = _line(Path("/etc/os-release")) or _line(Path("/usr/lib/os-release"))
    pairs = (line.partition("=") for line in text.splitlines() if not line.startswith("#"))
    return {name: value.strip("\"'") for name, _, value in pairs}


def _cgroups() -> str:
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return "2"
    mounts = (line.partition(" - ")[2] for line in _line(Path("/proc/self/mountinfo")).splitlines())
    return "1" if any(mount.startswith("cgroup ") for mount in mounts) else ""


def host_id() -> str:
    """The board's UUID, else the installation's, else this boot's."""
    board = _line(Path("/sys/class/dmi/id/product_uuid")).lower()
    installation = _line(Path("/etc/machine-id"))
    if len(installation) == 32:
        ends = (0, 8, 12, 16, 20, 32)
        installation = "-".join(installation[start:end] for start, end in pairwise(ends))
    return board or installation or _line(Path("/proc/sys/kernel/random/boot_id"))


def storage() -> dict[str, str]:
    """`unique.storage.*`: the volume that holds the user's home, and its size in whole KiB."""
    home = Path.home()
    try:
        device = home.stat().st_dev
        volume = os.statvfs(home)
    except OSError:
        return {}
    size = volume.f_blocks * volume.f_frsize // 1024 * 1024
    found = {"unique.storage.bytestotal": str(size)}
    number = f"{os.major(device)}:{os.minor(device)}"
    for line in _line(Path("/proc/self/mountinfo")).splitlines():
        mount, _, source = line.partition(" - ")
        if mount.split()[2] == number:
            found["unique.storage.volume"] = source.split()[1]
    return found
