# The smallest job: one guest, which greets and powers itself off.
#
#   qemu-run @FILE@
#
# Ctrl-C presses the guest's power button.

job "@NAME@" {
  type = "batch"

  group "@NAME@" {
    task "vm" {
      driver = "qemu"

      config {
        # Beside this file: raw, qcow2 or any other image that QEMU reads.
        image_path  = "@NAME@.img"
        accelerator = "tcg" # "kvm" is faster, where the machine has it
      }

      resources {
        memory = 128 # MB
      }
    }
  }
}
