/*
 * An EFI application: it counts its starts in a variable of the firmware's, prints the number, and powers off.
 *
 *     as -o efi.o efi.S && ld -Ttext 0x1000 --oformat binary -o efi.bin efi.o
 *
 * Entered with the image's handle in rcx and the system table in rdx (UEFI 2.10, chapters 4, 8 and 12).
 */
    .intel_syntax noprefix
    .globl _start
    .set CON_OUT, 0x40
    .set RUNTIME_SERVICES, 0x58
    .set BOOT_SERVICES, 0x60
    .set OUTPUT_STRING, 0x08
    .set GET_VARIABLE, 0x48
    .set SET_VARIABLE, 0x58
    .set RESET_SYSTEM, 0x68
    .set STALL, 0xf8
    .set SHUTDOWN, 2
    .set KEPT_AND_READABLE, 7

_start:
    sub rsp, 0x48                       /* room for the callee's registers, a fifth argument, and alignment */
    mov rbx, [rdx + RUNTIME_SERVICES]
    mov rdi, [rdx + CON_OUT]
    mov rsi, [rdx + BOOT_SERVICES]

    lea rcx, name[rip]
    lea rdx, vendor[rip]
    xor r8d, r8d
    lea r9, size[rip]
    lea rax, count[rip]
    mov [rsp + 0x20], rax
    call [rbx + GET_VARIABLE]           /* where there is none, the count stays 0 */
    inc byte ptr count[rip]

    lea rcx, name[rip]
    lea rdx, vendor[rip]
    mov r8d, KEPT_AND_READABLE
    mov r9d, 1
    lea rax, count[rip]
    mov [rsp + 0x20], rax
    call [rbx + SET_VARIABLE]

    mov al, count[rip]
    add digit[rip], al
    mov rcx, rdi
    lea rdx, text[rip]
    call [rdi + OUTPUT_STRING]

    mov ecx, 300000                     /* microseconds: what stands in the serial port gets out */
    call [rsi + STALL]

    mov ecx, SHUTDOWN
    xor edx, edx
    xor r8d, r8d
    xor r9d, r9d
    call [rbx + RESET_SYSTEM]
    hlt

    .align 8
size:   .quad 1
count:  .quad 0
vendor: .quad 0x716d75722d6e7572, 0x0000000000000001
name:   .short 'B', 'o', 'o', 't', 's', 0
text:   .short '\r', '\n', 'b', 'o', 'o', 't', 's', '='
digit:  .short '0', ' ', 'b', 'y', ' ', 'U', 'E', 'F', 'I', '\r', '\n', 0
