"""Archives made for the purpose: the good come out whole, the bad leave nothing behind."""

import bz2
import gzip
import io
import lzma
import stat
import sys
import tarfile
import zipfile

import pytest

from qemu_run.artifacts.failures import FetchError
from qemu_run.artifacts.stop import Stop
from qemu_run.artifacts.terms import Bounds
from qemu_run.artifacts.unpack import LONE_FILE, unpack

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PACK = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress, "zst": zstd.compress, "": bytes}
BODY = b"disk" * 5000


def entry(name, body=None, kind=tarfile.REGTYPE, goal="", mode=0o640):
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.mode = kind, goal, mode
    member.size = len(body) if body is not None else 0
    return member, body


def tar(*entries, packed=""):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for member, body in entries:
            archive.addfile(member, io.BytesIO(body) if body is not None else None)
    return PACK[packed](made.getvalue())


def zipped(*entries):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, body, mode in entries:
            member = zipfile.ZipInfo(name)
            member.external_attr, member.compress_type = mode << 16, zipfile.ZIP_DEFLATED
            archive.writestr(member, body)
    return made.getvalue()


@pytest.fixture
def unpacked(tmp_path):
    """Unpacks bytes; gives the folder and what is known of it."""

    def run(data, kind, **bounds):
        archive, target = tmp_path / "archive", tmp_path / "deep/er/target"
        archive.write_bytes(data)
        target.mkdir(parents=True)
        before = sorted(each for each in tmp_path.rglob("*") if not each.is_relative_to(target))
        try:
            return target, unpack(archive, kind, target, Bounds(**bounds), Stop())
        finally:
            assert before == sorted(e for e in tmp_path.rglob("*") if not e.is_relative_to(target))

    return run


@pytest.mark.parametrize(
    "kind", ["tar", "tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz", "txz", "tar.zst", "tzst"]
)
def test_every_kind_of_tar(unpacked, kind):
    packing = {"tgz": "gz", "tbz2": "bz2", "txz": "xz", "tzst": "zst"}.get(kind, kind.partition(".")[2])
    folder = entry("sub", kind=tarfile.DIRTYPE, mode=0o500)
    target, result = unpacked(tar(folder, entry("sub/disk.img", BODY), packed=packing), kind)
    assert (target / "sub/disk.img").read_bytes() == BODY
    assert result.modes == {"sub": 0o500, "sub/disk.img": 0o640}
    assert result.total_bytes == len(BODY)


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_every_kind_of_packed_file(unpacked, kind):
    target, _ = unpacked(PACK[kind](BODY) + PACK[kind](b"and more"), kind)
    assert (target / LONE_FILE).read_bytes() == BODY + b"and more"


@pytest.mark.parametrize("padding", [4, 512, 300_000])
@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_padding_between_packed_streams_ends_nothing(unpacked, kind, padding):
    target, _ = unpacked(PACK[kind](BODY) + bytes(padding) + PACK[kind](b"and more") + bytes(padding), kind)
    assert (target / LONE_FILE).read_bytes() == BODY + b"and more"


def test_padding_that_ends_where_a_piece_was_read_ends_nothing(unpacked):
    first = PACK["xz"](BODY)
    padding = (256 << 10) - len(first)  # what is left over of the first stream is padding alone
    target, _ = unpacked(first + bytes(padding) + PACK["xz"](b"and more"), "xz")
    assert (target / LONE_FILE).read_bytes() == BODY + b"and more"


def test_a_frame_that_zstd_skips_may_come_first(unpacked):
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"abcd"
    target, _ = unpacked(skipped + PACK["zst"](BODY), "zst")
    assert (target / LONE_FILE).read_bytes() == BODY


def test_zip(unpacked):
    target, result = unpacked(zipped(("a/disk.img", BODY, 0o100755)), "zip")
    assert (target / "a/disk.img").read_bytes() == BODY
    assert result.modes["a/disk.img"] == 0o755


def test_zeros_become_holes(unpacked):
    target, _ = unpacked(gzip.compress(BODY + bytes(20_000_000)), "gz")
    found = (target / LONE_FILE).stat()
    assert found.st_size == len(BODY) + 20_000_000
    assert found.st_blocks * 512 < 4_000_000


@pytest.mark.parametrize(("kind", "really"), [("tar.gz", "xz"), ("tgz", ""), ("tar.zst", "bz2")])
def test_the_content_says_what_it_is(unpacked, kind, really):
    target, _ = unpacked(tar(entry("disk.img", BODY), packed=really), kind)
    assert (target / "disk.img").read_bytes() == BODY


def test_links_within_are_kept(unpacked):
    target, _ = unpacked(
        tar(
            entry("a/disk.img", BODY),
            entry("a/again", kind=tarfile.LNKTYPE, goal="a/disk.img"),
            entry("b/link", kind=tarfile.SYMTYPE, goal="../a/disk.img"),
        ),
        "tar",
    )
    assert (target / "b/link").read_bytes() == (target / "a/again").read_bytes() == BODY
    assert not (target / "a/again").samefile(target / "a/disk.img")


EVIL = {
    "traversal": (tar(entry("../evil", b"x")), "leads out"),
    "traversal in the middle": (tar(entry("a/../../evil", b"x")), "leads out"),
    "absolute": (tar(entry("/tmp/evil", b"x")), "leads out"),
    "symlink out": (tar(entry("a", kind=tarfile.SYMTYPE, goal="../../x")), "leads out"),
    "absolute symlink": (tar(entry("a", kind=tarfile.SYMTYPE, goal="/etc/passwd")), "place outside"),
    "symlink through symlink": (
        tar(
            entry("d/e", kind=tarfile.DIRTYPE, mode=0o755),
            entry("here", kind=tarfile.SYMTYPE, goal="."),
            entry("out", kind=tarfile.SYMTYPE, goal="here/here/.."),
        ),
        "leads out",
    ),
    "a file through a symlink": (
        tar(entry("a", kind=tarfile.SYMTYPE, goal=".."), entry("a/evil", b"x")),
        "twice",
    ),
    "hard link out": (tar(entry("a", kind=tarfile.LNKTYPE, goal="../../archive")), "not in it"),
    "hard link to an absolute name": (tar(entry("a", kind=tarfile.LNKTYPE, goal="/etc/passwd")), "not in it"),
    "a loop of links": (
        tar(entry("a", kind=tarfile.SYMTYPE, goal="b"), entry("b", kind=tarfile.SYMTYPE, goal="a")),
        "loop",
    ),
    "a device": (tar(entry("a", kind=tarfile.BLKTYPE)), "device or pipe"),
    "a pipe": (tar(entry("a", kind=tarfile.FIFOTYPE)), "device or pipe"),
    "a name twice": (tar(entry("a", b"1"), entry("a", b"2")), "twice"),
    "names that differ in case": (tar(entry("a/Disk", b"1"), entry("A/disk", b"2")), "differ only in case"),
    "a folder over a file": (tar(entry("a", b"1"), entry("a/b", b"2")), "twice"),
    "a control code in a name": (tar(entry("a\x1b[2J", b"1")), "control characters"),
    "a name in Latin-1": (tar(entry("caf\udce9", b"1")), "not UTF-8"),
    "a name of 300 letters": (tar(entry("d/" + "n" * 300, b"1")), "300 bytes.*d/nnn"),
    "a name of 300 bytes": (tar(entry("\N{GREEK SMALL LETTER ALPHA}" * 150, b"1")), "300 bytes"),
    "a path that is too long": (tar(entry("/".join(["n" * 250] * 20), b"1")), 'cannot be unpacked: "nnn'),
    "a link that is too long": (tar(entry("a", kind=tarfile.SYMTYPE, goal="b/" * 3000)), 'unpacked: "a"'),
    "nothing in it": (tar(), "empty"),
    "it is cut": (tar(entry("a", BODY))[:4000], "damaged"),
    "it is not an archive": (b"hello" * 500, "damaged"),
}


@pytest.mark.parametrize("evil", EVIL)
def test_what_may_not_be_in_a_tar(unpacked, evil):
    data, said = EVIL[evil]
    with pytest.raises(FetchError, match=said) as caught:
        unpacked(data, "tar")
    assert type(caught.value) is FetchError  # the archive's fault, not this host's


def damaged_lzma():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("a", bytes(range(256)) * 4)
    return packed.getvalue()[:60] + b"\xff" * 100 + packed.getvalue()[160:]


ZIP_EVIL = {
    "traversal": (zipped(("../evil", b"x", 0o100644)), "leads out"),
    "absolute": (zipped(("/tmp/evil", b"x", 0o100644)), "leads out"),
    "backslashes": (zipped(("..\\evil", b"x", 0o100644)), "leads out"),
    "symlink out": (zipped(("a", b"../../../etc", stat.S_IFLNK | 0o777)), "leads out"),
    "a device": (zipped(("a", b"", stat.S_IFBLK | 0o644)), "device or pipe"),
    "a name of 300 letters": (zipped(("n" * 300, b"1", 0)), "300 bytes"),
    "a path that is too long": (zipped(("/".join(["n" * 250] * 20), b"1", 0)), 'cannot be unpacked: "nnn'),
    "it is cut": (zipped(("a", BODY, 0o100644))[:-30], "damaged"),
    "a name that is no text": (
        zipped(("\u00fc", b"1", 0)).replace(b"\xc3\xbc", b"\xc3("),
        "its list cannot be read",
    ),
    "an entry without a name": (zipped(("ab", b"1", 0)).replace(b"ab", b"\0b"), "control characters"),
    "a damaged member in LZMA": (damaged_lzma(), '"a" cannot be unpacked'),
    "a damaged member": (
        bytes(b ^ 255 if 40 < i < 60 else b for i, b in enumerate(zipped(("a", BODY, 0)))),
        "damaged",
    ),
}


@pytest.mark.parametrize("evil", ZIP_EVIL)
def test_what_may_not_be_in_a_zip(unpacked, evil):
    data, said = ZIP_EVIL[evil]
    with pytest.raises(FetchError, match=said) as caught:
        unpacked(data, "zip")
    assert type(caught.value) is FetchError


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
@pytest.mark.parametrize("harm", ["cut", "flipped", "another kind", "a page"])
def test_damaged_packed_files(unpacked, kind, harm):
    good = PACK[kind](BODY * 100)
    middle = len(good) // 2
    data = {
        "cut": good[:middle],
        "flipped": good[:middle] + bytes([good[middle] ^ 0x55]) + good[middle + 1 :],
        "another kind": BODY,
        "a page": b"<html>not found</html>",
    }[harm]
    with pytest.raises(FetchError, match=r"damaged|is not a"):
        unpacked(data, kind)


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
@pytest.mark.parametrize("rest", [b"x", b"garbage" * 1000, b"\0\0garbage"])
def test_what_follows_a_packed_file_and_is_not_packed_is_refused_in_our_words(unpacked, kind, rest):
    with pytest.raises(
        FetchError, match=rf"^the archive is damaged: its \.{kind} is followed by bytes that do"
    ):
        unpacked(PACK[kind](BODY) + rest, kind)


def test_a_stream_of_nothing_may_follow_a_packed_file(unpacked):
    target, _ = unpacked(PACK["gz"](BODY) + PACK["gz"](b""), "gz")
    assert (target / LONE_FILE).read_bytes() == BODY


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_bombs_go_off_outside(unpacked, kind):
    bomb = PACK[kind](bytes(30_000_000))
    with pytest.raises(FetchError, match="too large"):
        unpacked(bomb, kind, harmless_bytes=1_000_000)


def test_a_bomb_of_entries(unpacked):
    with pytest.raises(FetchError, match="more than 10 entries"):
        unpacked(tar(*(entry(str(n), b"") for n in range(11))), "tar", entries=10)


def test_a_bomb_in_a_zip(unpacked):
    with pytest.raises(FetchError, match="too large"):
        unpacked(zipped(("a", bytes(30_000_000), 0)), "zip", harmless_bytes=1_000_000)
