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
    "c-p;^-%C?r7{{NpGY@V~=a1B=lp}bfL0MTOZ51McMlmE~c@sL%Y^2-T-ety4JFp7P5HGuQcu_<b=dO8@!*J5PNDLwHCJ>VG>"
    "X~O3nat_7-W}|sf57+ReV^y^@O_`><^3uZ0Qb7@K7gZ@y%3vTpN>s`Ux46tQxIUHu9A=HbYI}bybjv-R%)buS_D-(phZEIGP"
    "FpkokuyX_J|2pI;6!iRTg;s9Gp=o0|7h1X?-o!JVB=j$Pmz{fs-w$K~9EnFKmrb@<IrA6M;Yk&iR{USE}We5WY-US4Lw+<!Q"
    "jTK>iuR4d9$y#wG}F#OA7a+zMNlC@EudrlmuZb0_|(G=@qr4a#1;*CyrY)CU$F*vY(Vf7~{)fhn-tVpy-8&1Q@7jO#r9QLxA"
    "1m=|)n$JyZk=SOV7TW&n&?tLHS-yyt~mnuu5C6Mk+;jO%!4dIwZ=psp_CgQ1yL<+CwC)aU2FSiOflHX%WgL-r|N)cns%<G9U"
    "-VmRx)D#$)iBk0cP^Ja!&PQMdztrS|`D}t|gV|7mxk!dcFiX^X5`U!tA|v{_T7Isc-)w5$PBv{unsdp>R9zKsSVLveLLnVq)"
    "J1_x7fnd1vQfab+AO7kuIwIjf~Nu_+GkUN+eKW7YRQdfnR-5)srDHt5{T#UPA+`i6a-YR)oS@`j49~XAM7d%a+83Ua<dgd3x"
    "ymO9dcS|<WYKvZBqDi&f-NkEF9{w_|P2-Lid%o38sbzkgEkeoh$aE%&*1@Qx(SGFY{F62)UAUXj$)A_WdbVbpdnnDd9zZ6xe"
    "ijS2>(D1e3eUwzO{&8CA?Dhjx{mnQD9&`u6XKY$BUv?W?xlqH@PT`lSh(O|t#=Rj<qStey3a`ncgym)~Ipm*Y_fJK*rT9y;7"
    ";#0sP~IN;~3;P#M^9paw492~F?Z@^EAzJbvz?T@W6=<y(u`?!IjapFL)XN>c)g8_s*ZjzQ8hdgdh3;qHPcX3J"
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
    dots=True,
    auto_ticks=55,
)
"""The guest of `examples/hello.nomad.hcl`."""
