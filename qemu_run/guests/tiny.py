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
    "c-p;^-%C?r7{{NpGfz6F6D5g$9%~2|ltx9?RuK_s6hkVOH=*;aMsr)+yUN&U2S#BTV)PFvb`jylxoe)}Fj}-O5<>{QDXe6?dg"
    "fUdYs~4k-gB^v{(yQe&iOu{hv$8sm-nmG16=O9bPYD6*pV1r7)^|Rnt{klO9WuJc@G~q7~a5xX#=$9XPfd&b%aG*rfFEuecvc"
    "bYqSWev`&kHDivsvQqOMYwAwAERB3}2YgJj`@qKW|p%w(}2Dkl@&~zJZC!j#U6&-AAL%ZaB6!*aLO-lY4#a*O9APw&6Gvuo@%"
    "3q@RC}HOcI@3CL06q`$Y83AR_u~)P46((;B+KLduxzEIg4vywHq7qT<WzM6Rbd*Ge6q(OmFUb%7OgwUzG`pMF}#Q=a5@s$sQ;"
    "}Nn`x)#5dK_oCgEQP^7w|>8(}Vl*l?iE1pha#ypm}Fe=AE3Rq-mwp3UGwSvCoHPA9ZRGMV9IW;m6>U(1gd@O)W5Az-nrnZSsS"
    "$0=frv1ubQ#uMU`*`^8uV{wZ98_G=r=F1Z>hM(*0x68#8!@^WF#q1?Zq?mRPi9W3Bchqa5-%|h+UgM;dpKRrqTC6MSmZb@6DL"
    "paL%<?t!s5V}yWMgj)aiFrA11VMBF5qqYUe)1q#XPf*r@~(SrK#`*4L6{z<irC^D<3N~25TrH#Dn-}DR#;n0aT~gto%vF90?i"
    "MbIOd|A>dSLygp*1kjrL3ZX1pKN;mOL21_Md0G+mRsM{7q7i|b#Ri2W|@Bs2&0Y58g^C-*1yOoi8Q{;zbWVe?bNhY){bbbi_("
    "yE5AMY~GutuYR4wwO~k#%m(!oU$UVnMFnw%jtofQnFCHUqnCtd94cLH9AB#%{u2CJzDo_4VjrGWIWCGI_Cl&&%GmTU@*wt81#"
    "f(cJR1vcCvl0faki)hrD(mwf?>kX9u63NOpj`<8g7ox&q-4DF*unj~%&Xhkm~wkvz!t4Ga-S2K;xqAln~C$nPU*ooT@D<8<*G"
    "PFsDe"
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
