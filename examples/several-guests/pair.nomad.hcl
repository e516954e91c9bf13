# Two guests: one serves a page, the other is told where, and fetches it.
#
#   qemu-run pair.nomad.hcl

variable "image" {
  type        = string
  description = "A system with a web server: an address, or a path relative to this file."
  default     = "disk.img"
}

job "pair" {
  type = "batch"

  group "pair" {
    network {
      port "http" {}
    }

    # Starts first, and is stopped when the others have ended.
    task "server" {
      driver       = "qemu"
      kill_timeout = "30s"

      lifecycle {
        hook    = "prestart"
        sidecar = true
      }

      artifact {
        source      = var.image
        mode        = "file"
        destination = "local/disk.img"
      }

      config {
        image_path        = "local/disk.img"
        accelerator       = "tcg"
        drive_interface   = "virtio"
        graceful_shutdown = true

        # This guest is the one behind the port.
        port_map {
          http = 80
        }
      }

      resources {
        memory = 192
      }
    }

    task "reader" {
      driver       = "qemu"
      kill_timeout = "30s"

      artifact {
        source      = var.image
        mode        = "file"
        destination = "local/disk.img"
      }

      env {
        # 10.0.2.2 is this machine, as a guest on QEMU's own network sees it.
        PAGE = "http://10.0.2.2:${NOMAD_HOST_PORT_http}/"
      }

      config {
        image_path        = "local/disk.img"
        accelerator       = "tcg"
        drive_interface   = "virtio"
        graceful_shutdown = true

        args = [
          # The guest reads it in /sys/class/dmi/id/product_serial.
          "-smbios", "type=1,serial=fetch=${PAGE}",
          # A guest without a forwarded port gets QEMU's usual network card; this is the faster one.
          "-nic", "user,model=virtio-net-pci",
        ]
      }

      resources {
        memory = 192
      }
    }
  }
}
