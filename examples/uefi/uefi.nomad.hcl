# A disk that starts by UEFI. What the firmware remembers is kept as long as the disk is.
#
#   qemu-run uefi.nomad.hcl

job "uefi" {
  type = "batch"

  group "uefi" {
    task "vm" {
      driver       = "qemu"
      kill_timeout = "30s"

      meta {
        qemu_run_firmware = "uefi" # or "secure-boot"
      }

      config {
        image_path        = "disk.img"
        accelerator       = "tcg" # "kvm" is much faster, where the machine has it
        machine_type      = "q35"
        drive_interface   = "virtio"
        graceful_shutdown = true
      }

      resources {
        memory = 512
      }
    }
  }
}
