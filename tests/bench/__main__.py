"""How fast it is, side by side with what it is made of: medians and ratios of one run.

    make bench                               the table
    make bench ARGS="--json"                 the same for a program, to compare two runs
    make bench ARGS="--only starts,crowds"   a part of it

Times are told as ratios, since machines differ and are shared; nothing here is ever a test.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from qemu_run.guests.tiny import TinyGuest
from tests.bench import artifacts, crowds, language, starts
from tests.bench.table import Measured, Place, lines

JOB = """job "bench" {
  type = "batch"
  group "g" {
    count = COUNT
    task "vm" {
      driver = "qemu"
      config {
        image_path  = "IMAGE"
        accelerator = "tcg"
      }
      resources {
        memory = 128
      }
    }
  }
}
"""
PARTS = ("language", "starts", "crowds", "artifacts")


def write_jobs(folder: Path) -> None:
    """Guests that end at once, after a second, and (one, and many) by the power button."""
    TinyGuest(end_at_once=True).write(folder / "disk.img")
    TinyGuest(auto_ticks=18).write(folder / "second.img")
    for name, image in (("job", "disk.img"), ("second", "second.img")):
        (folder / f"{name}.hcl").write_text(JOB.replace("COUNT", "1").replace("IMAGE", image))
    for name, count in (("one", 1), ("many", crowds.MANY)):
        image = "waiting-${NOMAD_ALLOC_INDEX}.img"
        (folder / f"{name}.hcl").write_text(JOB.replace("COUNT", f"{count}").replace("IMAGE", image))
    for number in range(crowds.MANY):
        TinyGuest().write(folder / f"waiting-{number}.img")


def measure(place: Place, parts: Sequence[str]) -> Iterator[Measured]:
    """Every line of the table."""
    write_jobs(place.folder)
    python = Measured(what="python -c pass", value=place.seconds(sys.executable, "-c", "pass") * 1000)
    yield python
    if "language" in parts:
        yield from language.measure(place, python)
    if "starts" in parts:
        yield from starts.measure(place, python)
    if "crowds" in parts:
        yield from crowds.measure(place)
    if "artifacts" in parts:
        yield from artifacts.measure(place)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--times", type=int, default=9)
    parser.add_argument("--only", default=",".join(PARTS), help=",".join(PARTS))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measure(Place.at(Path(folder), options.times), options.only.split(",")))
    if options.json:
        print(json.dumps([asdict(row) for row in rows], indent=2))  # noqa: T201  # its output
    else:
        print("\n".join(lines(rows)))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
