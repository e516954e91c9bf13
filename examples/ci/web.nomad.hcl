# The image that was just built, and what a run of it has to show.
#
#   qemu-run run web.nomad.hcl -- ./test-it

variable "image" {
  type        = string
  description = "The image under test, relative to this file."
  default     = "build/disk.img"
}

job "web" {
  type = "batch"

  meta {
    qemu_run_timeout      = "15m"
    qemu_run_boot_timeout = "5m"
    qemu_run_forbid       = "@oops"
  }

  group "web" {
    network {
      port "http" {
        to = 80
      }
    }

    task "vm" {
      driver       = "qemu"
      kill_timeout = "30s"

      artifact {
        source      = var.image
        mode        = "file"
        destination = "local/disk.img"
      }

      config {
        image_path        = "local/disk.img"
        accelerator       = "tcg" # --accelerator auto takes KVM where the runner has it
        drive_interface   = "virtio"
        graceful_shutdown = true
      }

      resources {
        memory = 256
      }
    }
  }
}
