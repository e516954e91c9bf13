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
    "c-p;^-)j?D6vxkG(lKq*rdU>F{WX=sB0_)cc8g^b74gN25{gQ;FK(O8bi<}eHo2o)nAr@5O0`n@;2+T17Zo4I2VpwaAv9t{tnTiM"
    "eRR7LZae7&G+ScQBztFYANF1LKFoa2=Wy;hm-97R0WO?5|2=#<<=*t{+H89Ew`CAFJ4Ar#JzbLOa6E=zmmJWuz1qIbxI`B1TB4y+"
    "T;C~cA87?ltwJlZsg-DjGEaSqX>(A?n%WMnG@H6C;cGDO5<5@c>6UmEnnA`q@V@JE`_Jf00!jp2w87pZ=zv~H;vv}hfzp3Z;xoXj"
    "GAZDfPLi*&TVGG&ZwWhHvYA!65AZqA-zV__;BP#~Zb-dNFZM{d7dG}&TFK29v>i9Um3iPwqXtZav7M2RcS|6&4f(YyoxjVXN`Q=S"
    "4rlz+Z!rY{e;PaOf2YUWv_I61U)2K{`0NLTB9rX6z$FkX#9Er*|2-G)>n<5@)U>t+wE+sJ@_1KW_sIB-O=yec^V6C9bT*H-YB$#K"
    "pEdo2jMbWD0w+4AQp6Z@OHN{po5Uxp?R5s`REqvD)c4AGs<r@g_>NsZSu1B579J+E%waM_mg#{<M1O7Tr_?gh&nSR}uye6bTI`qJ"
    "b#!j#I^HdGR&xt8dwQhCKTxw;uNP7)4i%_^<v_}O#*lUDhlmyI;atM$@;390L<wPgzm#y+!fogaa_v#3UrLpB#~UdklrH?CnmX<l"
    "0kzn<KIuEgEhe0mqOq*^%lJigzE$*6DCl({-b<sXF-V+}$4{!>7&_tQ(4aSt&Uq2KWZWXJkO1_rWPH17^`ksfSL-vaP2yjknS)_+"
    "CFyWvZQyzQZ!7B%Jl1<sD^3;ILb+({%r}a;qOqxcbSsRh)N*4*qw1j!-b=pxcV%@Z?DQ*ajt#u_4_Vb)jihIRkog=t9C#fIg?{N{"
    "V-s<1d?J(x`XChiaey5O#zL2a5ft_T$&HRAI3Gl!M6zStl~9laHW(8UBpDx>=<oZ<2cyv_B5|A>8Ji@wj76_<aduQdC>kMQOVe01"
    "!r9^<+?#}$"
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
    says_facts: bool = True
    """Print what it finds: its power management, processors and memory, in hexadecimal."""
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
            | (not self.says_facts) << 6
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
    says_facts=False,
    dots=True,
    auto_ticks=55,
)
"""The guest of `examples/hello.nomad.hcl`."""
