"""QEMU as this machine has it: which emulators, what they can do, and whether KVM works with them."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.node import emulators
from qemu_run.node.probe_cache import ProbeCache

if TYPE_CHECKING:
    from qemu_run.node.kvm import Trial


class Qemu:
    """Each thing is looked up once, when it is asked for."""

    def __init__(self, search_path: str, cache: ProbeCache) -> None:
        self.search_path = search_path
        self.cache = cache
        self._abilities: dict[Path | None, Mapping[str, str]] = {}
        self._trial: Trial | None = None

    @cached_property
    def emulators(self) -> Mapping[str, Path]:
        """The emulators as Nomad lists them, by their names without `qemu-system-`."""
        return emulators.list_emulators(self.search_path)

    @cached_property
    def host_emulator(self) -> Path | None:
        """The emulator of this machine's own architecture, which KVM needs; else the first one."""
        own = emulators.find_emulator(emulators.host_architecture(), self.search_path)
        return own or next(iter(self.emulators.values()), None)

    @cached_property
    def version(self) -> str:
        """The first emulator's version, as Nomad has it; empty if it does not tell."""
        first = next(iter(self.emulators.values()), None)
        return emulators.ask(first, ["version"], self.cache).get("version", "") if first else ""

    def abilities(self, emulator: Path | None) -> Mapping[str, str]:
        """An emulator's `machine_types` and `accelerators`, commas between; what it does not tell is absent.

        None stands for no emulator.
        """
        if emulator not in self._abilities:
            asked = ("machine_types", "accelerators")
            self._abilities[emulator] = emulators.ask(emulator, asked, self.cache) if emulator else {}
        return self._abilities[emulator]

    @cached_property
    def kvm(self) -> str:
        """`usable`, or `unusable: why`; empty without an emulator to try it with."""
        if self.host_emulator is None:
            return ""
        known = self._known_kvm(self.host_emulator)
        if known is not None:
            return known
        if self._trial is not None:
            return self._conclude(self._trial, self.host_emulator)
        from qemu_run.node import kvm

        try:
            with kvm.trial(self.host_emulator) as running:
                return self._conclude(running, self.host_emulator)
        except OSError as error:
            return f"unusable: {error.strerror}: {self.host_emulator}"

    @contextmanager
    def proving_kvm(self) -> Iterator[None]:
        """Have the proof of KVM, if one is needed, run while other things are looked up."""
        from qemu_run.node import kvm

        emulator = self.host_emulator
        with ExitStack() as stack:
            if emulator and "kvm" not in vars(self) and self._known_kvm(emulator) is None:
                with suppress(OSError):
                    self._trial = stack.enter_context(kvm.trial(emulator))
            yield
            self._trial = None

    def _known_kvm(self, emulator: Path) -> str | None:
        from qemu_run.node import kvm

        glance = kvm.at_a_glance(emulators.host_architecture())
        if glance is not None:
            return glance if glance == kvm.USABLE else f"unusable: {glance}"
        return self.cache.get(kvm.cache_key(emulator))

    def _conclude(self, running: "Trial", emulator: Path) -> str:
        from qemu_run.node import kvm

        result, lasting = running.result()
        answer = result if result == kvm.USABLE else f"unusable: {result}{kvm.without_support()}"
        if lasting:
            self.cache.keep({kvm.cache_key(emulator): answer})
        return answer
