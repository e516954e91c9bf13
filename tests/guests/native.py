"""Guests of a few instructions for machines that are no PC: each prints a line on its console and powers off.

No assembler for them is wanted here: their instructions are written as numbers, each with what it says.
"""

import struct
from dataclasses import dataclass

GREETING = b"hello from a few instructions\n"


@dataclass(frozen=True)
class Native:
    """A guest without a disk."""

    option: str
    """What gives it to its emulator."""
    image: bytes


def _words(order: str, *instructions: int) -> bytes:
    return struct.pack(f"{order}{len(instructions)}I", *instructions)


AARCH64 = _words(
    "<",
    0xD2A12001,  # movz x1, #0x0900, lsl #16     the serial port, a PL011 at 09000000h
    0x10000122,  # adr  x2, text
    0x38401440,  # next: ldrb w0, [x2], #1
    0x34000060,  # cbz  w0, off
    0x39000020,  # strb w0, [x1]
    0x17FFFFFD,  # b    next
    0xD2B08000,  # off: movz x0, #0x8400, lsl #16
    0xF2800100,  # movk x0, #8                   PSCI's SYSTEM_OFF
    0xD4000002,  # hvc  #0
    0x14000000,  # b    .
)

ARM = _words(
    "<",
    0xE3A01409,  # mov   r1, #0x09000000         the same serial port
    0xE28F201C,  # add   r2, pc, #28             text
    0xE4D20001,  # next: ldrb r0, [r2], #1
    0xE3500000,  # cmp   r0, #0
    0x15C10000,  # strbne r0, [r1]
    0x1AFFFFFB,  # bne   next
    0xE3A00321,  # mov   r0, #0x84000000
    0xE3800008,  # orr   r0, r0, #8              PSCI's SYSTEM_OFF
    0xE1400070,  # hvc   #0
    0xEAFFFFFE,  # b     .
)

RISCV64 = _words(
    "<",
    0x00000417,  # auipc s0, 0
    0x03840413,  # addi  s0, s0, 56              text
    0x00044503,  # next: lbu a0, 0(s0)
    0x00050A63,  # beqz  a0, off
    0x00100893,  # li    a7, 1                   SBI's console_putchar
    0x00000073,  # ecall
    0x00140413,  # addi  s0, s0, 1
    0xFEDFF06F,  # j     next
    0x535258B7,  # off: lui a7, 0x53525          "SRST", SBI's system reset
    0x35488893,  # addi  a7, a7, 0x354
    0x00000813,  # li    a6, 0
    0x00000593,  # li    a1, 0
    0x00000073,  # ecall                         with a0 = 0: shutdown
    0x0000006F,  # j     .
)


def _at(size: int, **parts: bytes) -> bytes:
    """An image of `size` bytes with `parts` at the addresses that their names tell: `x100` is 100h."""
    image = bytearray(size)
    for name, part in parts.items():
        start = int(name.removeprefix("x"), 16)
        image[start : start + len(part)] = part
    return bytes(image)


def _ppc64() -> bytes:
    """Firmware of pseries: it lies at 0, is entered at 100h, and asks the hypervisor for everything."""
    code = b""
    for offset in range(0, len(GREETING), 16):  # as much as two registers hold
        code += _words(
            ">",
            0x38600058,  # li  r3, 0x58                      H_PUT_TERM_CHAR
            0x3C807100,  # lis r4, 0x7100                    the first console
            0x38A00000 | min(16, len(GREETING) - offset),  # li r5, how much
            0xE8C00300 | offset,  # ld  r6, 0x300(0)         text
            0xE8E00308 | offset,  # ld  r7, 0x308(0)
            0x44000022,  # sc  1
        )
    code += _words(
        ">",
        0x38600000,  # li  r3, 0
        0x6063F000,  # ori r3, r3, 0xF000                    H_RTAS
        0x38800200,  # li  r4, 0x200                         its arguments
        0x44000022,  # sc  1
        0x48000000,  # b   .
    )
    power_off = struct.pack(">III", 0x2003, 2, 1)  # two arguments, one result
    return _at(0x400, x100=code, x200=power_off, x300=GREETING)


def _s390x() -> bytes:
    """It speaks to the service processor (SCLP): once to be let, once to print. Its end is a special wait."""
    code = (
        bytes.fromhex("C01100780005")  # lgfi  %r1, 0x780005       write event mask
        + bytes.fromhex("C02100002000B2200012")  # lgfi  %r2, 0x2000; servc %r1, %r2
        + bytes.fromhex("C01100760005")  # lgfi  %r1, 0x760005     write event data
        + bytes.fromhex("C02100003000B2200012")  # lgfi  %r2, 0x3000; servc %r1, %r2
        + bytes.fromhex("B2B20F00")  # lpswe 0xF00
    )
    mask = struct.pack(">HB5xHHIIII", 28, 0, 0, 4, 0, 0x40, 0, 0)  # the ASCII console is what we send to
    event = struct.pack(">HBBH", 6 + len(GREETING), 0x1A, 0, 0) + GREETING
    return _at(
        0x4000,
        x0=struct.pack(">II", 0x00080000, 0x80001000),  # what starts: 31 bits, at 1000h
        x1000=code,
        xF00=struct.pack(">QQ", 0x0002000180000000, 0xFFF),  # a wait at FFFh: QEMU's sign for the end
        x2000=mask,
        x3000=struct.pack(">HB5x", 8 + len(event), 0) + event,
    )


GUESTS = {
    "aarch64": Native("-kernel", AARCH64 + GREETING + b"\0"),
    "arm": Native("-kernel", ARM + GREETING + b"\0"),
    "riscv64": Native("-kernel", RISCV64 + GREETING + b"\0"),
    "ppc64": Native("-bios", _ppc64()),
    "s390x": Native("-kernel", _s390x()),
}
"""By the emulator's name."""
