"""Whether a job's args stay within the folders that the owner of the host allows."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from qemu_run.planning.host import Host, ImageWanted
from qemu_run.planning.paths import normal
from qemu_run.qemu.arguments import Option
from qemu_run.records import record

if TYPE_CHECKING:
    from qemu_run.qemu.files import FileReference


def is_within(path: Path, folders: Iterable[Path]) -> bool:
    """Whether a path, links followed, lies in one of the folders."""
    return any(path.is_relative_to(folder) for folder in folders)


@record
class Look:
    """A look at what options can reach."""

    host: Host
    directory: Path
    """QEMU's working directory."""
    places: Sequence[Path]
    """Where files may lie."""

    def at_all(self, written: Iterable[Option], given: Iterable[Option]) -> Iterator[tuple[int, str]]:
        """What is not contained, each with the index of the argument.

        Args:
            written: The options as the job has them, for their places.
            given: The same as QEMU gets them, which is what counts.
        """
        indexes = {(option.name, option.value): option.index for option in written}
        by_name = {option.name: option.index for option in written}
        for option in given:
            index = indexes.get((option.name, option.value), by_name.get(option.name, 0))
            yield from ((index, found) for found in self._at(option))

    def _at(self, option: Option) -> Iterator[str]:
        from qemu_run.qemu.files import file_references

        references = file_references(option)
        if references is None:
            yield f"{option.shown}, which may name any file"
            return
        for reference in references:
            if reference.path in {"", "/dev/null"}:
                continue
            real = self.host.resolve(normal(self.directory / reference.path))
            if not is_within(real, self.places):
                yield str(real)
            elif (
                reference.kind == "disk"
                and self.host.is_file(real)
                and (found := self._below(reference, real))
            ):
                yield found

    def _below(self, reference: "FileReference", real: Path) -> str:
        """What a disk refers to that lies elsewhere, or that is not known."""
        wanted = ImageWanted(path=real, format=reference.format or None, folders=tuple(self.places))
        finding = self.host.inspect_image(wanted)
        return "" if finding.layers else f"{real}: {finding.problem}"
