# A bare-metal guest of about one kilobyte for QEMU's x86 boards: real mode, BIOS boot, no operating system.
#
# It prints on COM1, knows the ACPI power button of PIIX4 and ICH9, and ends in whatever way its config bytes say.
# On the serial line it obeys: p = ACPI power off, e = isa-debug-exit, r = reset, t = triple fault; it echoes the rest.
#
#   as --32 -o tiny.o tiny.S && ld -m elf_i386 -Ttext 0x7c00 --oformat binary -o tiny.bin tiny.o
#
# tiny.py carries the result; a test assembles this file and compares.
.code16
.globl _start
_start:
    jmp   begin
    .org  4
cfg_magic:  .ascii "TINY"
cfg_flags:  .byte 0          # 8: 1 ignore the power button, 2 answer it with isa-debug-exit, 4 count boots on LBA 3,
                             #    8 end right after boot, 16 print a dot a second while waiting,
                             #    32 give the firmware three ticks to end its own line first, 64 tell no facts
cfg_code:   .byte 0          # 9: value for isa-debug-exit -> exit status (v<<1)|1
cfg_delay:  .word 0          # 10: ticks (55 ms) between power button and power off
cfg_auto:   .word 0          # 12: ticks after which the guest ends by itself (0 = never)
cfg_endact: .byte 0          # 14: how it ends by itself: 0 ACPI off, 1 isa-debug-exit, 2 reset, 3 triple fault
            .byte 0
begin:
    cli
    xorw  %ax, %ax
    movw  %ax, %ds
    movw  %ax, %es
    movw  %ax, %ss
    movw  $0x7c00, %sp
    ljmp  $0, $1f
1:  movb  %dl, drive
    movw  $0x0202, %ax       # read LBA 1-2 to 0x7e00
    movw  $0x7e00, %bx
    movw  $0x0002, %cx
    xorb  %dh, %dh
    int   $0x13
    testb $32, cfg_flags
    jz    2f
    movw  $3, %cx
1:  sti
    hlt
    loop  1b
2:  cli
    movw  $0x3f9, %dx        # COM1: 115200 8n1, FIFO, OUT2, RX interrupt
    movb  $0x00, %al
    outb  %al, %dx
    movw  $0x3fb, %dx
    movb  $0x80, %al
    outb  %al, %dx
    movw  $0x3f8, %dx
    movb  $0x01, %al
    outb  %al, %dx
    incw  %dx
    movb  $0x00, %al
    outb  %al, %dx
    movw  $0x3fb, %dx
    movb  $0x03, %al
    outb  %al, %dx
    decw  %dx
    movb  $0xc7, %al
    outb  %al, %dx
    movw  $0x3fc, %dx
    movb  $0x0b, %al
    outb  %al, %dx
    movw  $banner, %si
    call  puts
    movb  cfg_flags, %al
    andb  $64, %al
    movb  %al, mute
    # PM base
    movl  $0x80000b00, %eax  # 00:01.3 PIIX4 PM
    call  pcird
    cmpl  $0x71138086, %eax
    je    piix
    movl  $0x8000f800, %eax  # 00:1f.0 ICH9 LPC
    call  pcird
    cmpl  $0x29188086, %eax
    je    ich9
    movw  $m_nopm, %si
    call  puts
    jmp   facts
piix:
    movw  $m_piix, %si
    call  puts
    movl  $0x80000b80, %eax  # PMREGMISC
    movl  $0x80000b40, %ecx
    jmp   2f
ich9:
    movw  $m_ich9, %si
    call  puts
    movl  $0x8000f844, %eax  # ACPI_CNTL
    movl  $0x8000f840, %ecx
2:  call  pcird
    call  hex8               # al
    movw  $m_base, %si
    call  puts
    movl  %ecx, %eax
    call  pcird
    andw  $0xffc0, %ax
    movw  %ax, pmbase
    call  hex16
    jmp   facts

pcird:
    movw  $0xcf8, %dx
    outl  %eax, %dx
    movw  $0xcfc, %dx
    inl   %dx, %eax
    ret
puts:
    lodsb
    orb   %al, %al
    jz    1f
    call  putc
    jmp   puts
1:  ret
putc:
    cmpb  $0, mute
    jne   1f
    pushw %dx
    pushw %ax
    movw  $0x3fd, %dx
2:  inb   %dx, %al
    testb $0x20, %al
    jz    2b
    popw  %ax
    movw  $0x3f8, %dx
    outb  %al, %dx
    popw  %dx
1:  ret
hex16:
    pushw %ax
    movb  %ah, %al
    call  hex8
    popw  %ax
hex8:
    pushw %ax
    shrb  $4, %al
    call  nib
    popw  %ax
nib:
    pushw %ax
    andb  $15, %al
    cmpb  $10, %al
    sbbb  $0x69, %al
    das
    call  putc
    popw  %ax
    ret
drive:  .byte 0
mute:   .byte 0
pmbase: .word 0
pmsts:  .word 0
start:  .word 0
lastdot: .word 0
    .org 0x180
banner: .asciz "tiny guest up\r\n"
    .org 0x1fe
    .word 0xaa55

# ---- sector 2 -------------------------------------------------------------
facts:
    movw  $m_cpus, %si       # fw_cfg: number of CPUs (key 5), RAM size (key 3)
    call  puts
    movw  $0x510, %dx
    movw  $0x0005, %ax
    outw  %ax, %dx
    incw  %dx
    inb   %dx, %al
    call  hex8
    movw  $m_ram, %si
    call  puts
    movw  $0x510, %dx
    movw  $0x0003, %ax
    outw  %ax, %dx
    incw  %dx
    inb   %dx, %al           # bits 7..0
    inb   %dx, %al           # 15..8
    inb   %dx, %al           # 23..16
    movb  %al, %bl
    inb   %dx, %al           # 31..24
    movb  %al, %bh
    inb   %dx, %al           # 39..32
    call  hex8
    movw  %bx, %ax
    call  hex16
    movw  $m_crlf, %si
    call  puts
    testb $4, cfg_flags
    jz    arm
    movw  $0x0201, %ax       # boot counter on LBA 3
    movw  $0x9000, %bx
    movw  $0x0004, %cx
    xorb  %dh, %dh
    movb  drive, %dl
    int   $0x13
    incw  0x9000
    movw  $0x0301, %ax
    movw  $0x9000, %bx
    movw  $0x0004, %cx
    xorb  %dh, %dh
    movb  drive, %dl
    int   $0x13
    movw  $m_boots, %si
    call  puts
    movw  0x9000, %ax
    call  hex16
    movw  $m_crlf, %si
    call  puts
arm:
    cli
    movw  $irq0, 0x08*4      # SeaBIOS's own, with its console on the serial line, would read there what is typed
    movw  $0, 0x08*4+2
    movw  $irq4, 0x0c*4
    movw  $0, 0x0c*4+2
    movw  $irq9, 0x71*4
    movw  $0, 0x71*4+2
    movw  0x46c, %ax
    movw  %ax, start
    movw  %ax, lastdot
    inb   $0x21, %al
    andb  $0xea, %al         # IRQ0, IRQ2, IRQ4
    outb  %al, $0x21
    inb   $0xa1, %al
    andb  $0xfd, %al         # IRQ9 = SCI
    outb  %al, $0xa1
    movw  pmbase, %dx
    orw   %dx, %dx
    jz    1f
    movw  $0xffff, %ax
    outw  %ax, %dx           # clear PM1_STS
    addw  $2, %dx
    movw  $0x0100, %ax       # PM1_EN = PWRBTN_EN (QEMU drops the button unless this is set)
    outw  %ax, %dx
1:  movw  $0x3f9, %dx
    movb  $1, %al
    outb  %al, %dx           # RX interrupt
    movb  $0, mute
    movw  $m_ready, %si
    call  puts
    testb $8, cfg_flags
    jnz   byself
main:
    cli
    testb $1, pmsts+1
    jnz   power
    movw  $0x3fd, %dx
    inb   %dx, %al
    testb $1, %al
    jnz   rx
    testb $16, cfg_flags
    jz    3f
    movw  0x46c, %ax
    subw  lastdot, %ax
    cmpw  $18, %ax
    jb    3f
    addw  %ax, lastdot
    movb  $'.', %al
    call  putc
3:  cmpw  $0, cfg_auto
    je    1f
    movw  0x46c, %ax
    subw  start, %ax
    cmpw  cfg_auto, %ax
    jae   byself
1:  sti
    hlt
    jmp   main
byself:
    movw  $m_end, %si
    call  puts
    movb  cfg_endact, %al
    cmpb  $1, %al
    je    dbgexit
    cmpb  $2, %al
    je    reset
    cmpb  $3, %al
    je    triple
    jmp   off
rx:
    movw  $0x3f8, %dx
    inb   %dx, %al
    call  putc
    cmpb  $'p', %al
    je    off
    cmpb  $'e', %al
    je    dbgexit
    cmpb  $'r', %al
    je    reset
    cmpb  $'t', %al
    je    triple
    jmp   main
power:
    movw  $0, pmsts
    movw  $m_pwr, %si
    call  puts
    testb $1, cfg_flags
    jnz   main
    movw  cfg_delay, %cx
    jcxz  2f
    movw  0x46c, %bx
1:  sti
    hlt
    movw  0x46c, %ax
    subw  %bx, %ax
    cmpw  %cx, %ax
    jb    1b
2:  testb $2, cfg_flags
    jnz   dbgexit
off:
    movw  pmbase, %dx
    addw  $4, %dx
    movw  $0x2000, %ax       # SLP_TYP=0 (S5 in QEMU), SLP_EN
    outw  %ax, %dx
1:  cli
    hlt
    jmp   1b
dbgexit:
    movb  cfg_code, %al
    outb  %al, $0xf4
    jmp   off
reset:
    movw  $0xcf9, %dx
    movb  $0x06, %al
    outb  %al, %dx
    movb  $0xfe, %al
    outb  %al, $0x64
1:  hlt
    jmp   1b
triple:
    lidt  zero
    int   $3
zero: .long 0, 0
irq0:
    incw  0x46c
irq4:
    pushw %ax
    movb  $0x20, %al
    outb  %al, $0x20
    popw  %ax
    iret
irq9:
    pushw %ax
    pushw %dx
    movw  pmbase, %dx
    inw   %dx, %ax
    orw   %ax, pmsts
    outw  %ax, %dx
    movb  $0x20, %al
    outb  %al, $0xa0
    outb  %al, $0x20
    popw  %dx
    popw  %ax
    iret
m_piix:  .asciz "piix4 pmregmisc="
m_ich9:  .asciz "ich9 acpi_cntl="
m_base:  .asciz " pmbase="
m_nopm:  .asciz "no pm device"
m_cpus:  .asciz " cpus="
m_ram:   .asciz " ram64k="
m_boots: .asciz "boots="
m_ready: .asciz "ready\r\n"
m_pwr:   .asciz "power button\r\n"
m_end:   .asciz "\r\ndone\r\n"
m_crlf:  .asciz "\r\n"
    .org 0x600
    .fill 512, 1, 0
