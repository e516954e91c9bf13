"""QEMU as this machine has it: which emulators, what they can do, and whether KVM works with them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.node import emulators
from qemu_run.node.emulators import Asked, ask_all
from qemu_run.node.probe_cache import ProbeCache

if TYPE_CHECKING:
    from qemu_run.node.kvm import Trial

_ABILITIES = ("machine_types", "accelerators")


class Qemu:
    """Each thing is looked up once, when it is asked for."""

    def __init__(self, search_path: str, cache: ProbeCache) -> None:
        self.search_path = search_path
        self.cache = cache
        self._told: dict[Asked, str] = {}
        """What was asked in this run; an empty text where there was no answer."""
        self._trial: Trial | None = None

    @cached_property
    def emulators(self) -> Mapping[str, Path]:
        """The emulators as Nomad lists them, by their names without `qemu-system-`."""
        return emulators.list_emulators(self.search_path)

    @cached_property
    def host_emulator(self) -> Path | None:
        """The emulator of this machine's own architecture, which KVM needs; else the first one."""
        own = emulators.find_emulator(emulators.host_architecture(), self.search_path)
        return own or self._first

    @cached_property
    def version(self) -> str:
        """The first emulator's version, as Nomad has it; empty if it does not tell."""
        return self._ask(self._first, ["version"]).get("version", "")

    def abilities(self, emulator: Path | None) -> Mapping[str, str]:
        """An emulator's `machine_types` and `accelerators`, commas between; what it does not tell is absent.

        None stands for no emulator.
        """
        return self._ask(emulator, _ABILITIES)

    @cached_property
    def _first(self) -> Path | None:
        return next(iter(self.emulators.values()), None)

    def _ask(self, emulator: Path | None, questions: Iterable[str]) -> Mapping[str, str]:
        if emulator is None:
            return {}
        wanted = [(emulator, question) for question in questions]
        self._ask_all(wanted)
        return {asked[1]: answer for asked in wanted if (answer := self._told[asked])}

    def _ask_all(self, wanted: Iterable[Asked]) -> None:
        new = [asked for asked in wanted if asked not in self._told]
        answers = ask_all(new, self.cache)
        self._told |= {asked: answers.get(asked, "") for asked in new}

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
    def asking_everything(self) -> Iterator[None]:
        """Ask all there is to ask at once; the proof of KVM, if one is needed, runs on inside the block."""
        from qemu_run.node import kvm

        emulator = self.host_emulator
        with ExitStack() as stack:
            if emulator and "kvm" not in vars(self) and self._known_kvm(emulator) is None:
                with suppress(OSError):
                    self._trial = stack.enter_context(kvm.trial(emulator))
            if emulator and self._first:
                self._ask_all([(self._first, "version"), *((emulator, name) for name in _ABILITIES)])
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
