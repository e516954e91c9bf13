"""A bootable disk image of one kilobyte of code, made without an assembler.

Out comes a raw image for QEMU's x86 boards whose guest prints on COM1, hears (or ignores) the
power button and ends as asked. Its source is `tiny.S` beside this file.
"""

import base64
import struct
import zlib
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

_CODE = (
    "c-p;^%WD%+6voeF(y>j`rnFeZ=Tt+X3R*=)F;Ni_tSF(VL^skVlQ!5UX>wz&WXwQNqLor`<3?!dLJ=3UOvf?=BTW~UN=4{K@"
    "kO}pq?3iQq-h@B8Fb+vpl5OCoZsQQ=M48#8UZe!zjO_LNAX~CY-ubx_HG6uD{T>gc<U}cVKBUcyVC~fT$^uMV`?KT+B8kWM*"
    "eH5D6P{XsL}>43aV6~MM^#MyQbAHF|A4^TC7)PfyZ~ilYn{<um?Q$`$EeQ+DbryfGaxK(t&o!nJDgt<$g+@iQ@A_AP|9P`ZP"
    "I}W_dn}j}UgYpfgRm4e&XTKSuEm@I08qW{7=GPO&`R3(HnYDwsVvsbu!7re4-2Q4OX+Sxa?0q%xg-&Y}$`*;l=ua>PGl3Y?B"
    "4HtJui#b(;>J%B${ohkU&fxNyEwlB<u5E~9OnBf1$l^61lDE?BBnrad?kUNvbg^FB^;su@18p&qkscbx*#h)q<mhfUl-Ya0S"
    "qM5*mjwL8!jPYqBF~&pUllhh^1LFyb{u|1)fceTKjN`|;e5g`PGo3IIO*4nc5^3fQ^^D}R6u{(wamvb1we#QGtSgze?~~SYW"
    "^%NZ<?9wveWF^;#a<f{K;<;oQL1bbuvOosHhi|Y#_Zv#@PPihRQQ61o6u%*<36UHj}@AObrea&{kT+)ois-PHRwGne}XYbLd"
    "K1}G9$MM_<ebzF=C^T%Vt0x8;$%*7x76J&z5Zgbjrq|E?W>?v>|j=d6Z^$^8j+QfS;DNd6ebeaCNlN6!~Tu-8n$6BojK8j?V"
    ">uYF$IvqWwzjwJ`x~u9#O!6LpbHURjaW%_5_Um5e*Dlr7ZGC(*ZmUdSP`8P>Vr=+>00b!1+SkckX?-MJ9(dT$?Q1A{@XZ_pc"
    "Z*}?1TKhE~J0^S=g9~!U&>Gk%6I6L_KBxT*)Ew76M))fecNHf?oc=Yg1JM{Yfh}1!@$2~$E81N5sLAE!Hkl#nj29w+G<MiYg"
    "I3s#}"
)
_MAGIC = b"TINY"
_BANNER_OFFSET = 0x180
_BANNER_LIMIT = 0x1FE - _BANNER_OFFSET - 1
IMAGE_BYTES = 1 << 20
"""Size of the (sparse) image. Below 16 x 63 sectors virtio and AHCI disks do not boot under SeaBIOS."""
TICKS_PER_SECOND = 18.2
"""The PC's timer: what delays in a guest are counted in."""


class End(IntEnum):
    """How a guest ends by itself."""

    POWER_OFF = 0
    DEBUG_EXIT = 1
    RESET = 2
    TRIPLE_FAULT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TinyGuest:
    """What the guest does after it has printed its banner and `ready`."""

    banner: str = "tiny guest up\r\n"
    ignore_power_button: bool = False
    debug_exit_on_power_button: bool = False
    """Answer the power button through isa-debug-exit instead of ACPI."""
    count_boots: bool = False
    """Keep a counter in the image's fourth sector and print it: shows whether writes last."""
    dots: bool = False
    """Print a dot a second while waiting."""
    wait_for_firmware: bool = False
    """Begin a moment later, so that SeaBIOS can end the line it has begun on the serial console."""
    end_at_once: bool = False
    end: End = End.POWER_OFF
    exit_value: int = 0
    """The byte for isa-debug-exit; QEMU then exits with `value * 2 + 1`."""
    power_off_delay_ticks: int = 0
    """Ticks between the power button and the power-off."""
    auto_ticks: int = 0
    """Ticks after which the guest ends by itself; 0: it waits."""

    def code(self) -> bytes:
        """The boot sectors.

        Raises:
            ValueError: the banner is too long or not ASCII.
        """
        banner = self.banner.encode("ascii")
        if len(banner) > _BANNER_LIMIT:
            raise ValueError(f"banner of {len(banner)} bytes; there is room for {_BANNER_LIMIT}")
        sectors = bytearray(zlib.decompress(base64.b85decode(_CODE)))
        if sectors[4:8] != _MAGIC:
            raise ValueError("the embedded guest code is damaged")
        flags = (
            self.ignore_power_button
            | self.debug_exit_on_power_button << 1
            | self.count_boots << 2
            | self.end_at_once << 3
            | self.dots << 4
            | self.wait_for_firmware << 5
        )
        struct.pack_into(
            "<BBHHB",
            sectors,
            8,
            flags,
            self.exit_value,
            self.power_off_delay_ticks,
            self.auto_ticks,
            self.end,
        )
        sectors[_BANNER_OFFSET : _BANNER_OFFSET + len(banner) + 1] = banner + b"\0"
        return bytes(sectors)

    def write(self, path: Path) -> Path:
        """Write the image to `path`, sparse, and return `path`."""
        with path.open("wb") as file:
            file.write(self.code())
            file.truncate(IMAGE_BYTES)
        return path


HELLO = TinyGuest(
    banner=(
        "\r\n  Hello! This whole guest is one kilobyte of code."
        "\r\n  It powers itself off in three seconds.\r\n\r\n  "
    ),
    wait_for_firmware=True,
    dots=True,
    auto_ticks=55,
)
"""The guest of `examples/hello.nomad.hcl`."""
