# Files that are written for the guest before it starts, and variables that they set.
#
#   qemu-run app.nomad.hcl
#   qemu-run plan --json app.nomad.hcl      shows each text

variable "image" {
  type        = string
  description = "The guest's disk: an address, or a path relative to this file."
  default     = "../images/hello.img"
}

job "app" {
  type = "batch"

  group "app" {
    network {
      port "http" {
        to = 80
      }
    }

    task "vm" {
      driver = "qemu"

      env {
        DISKS = jsonencode({ root = 20, data = 100 })
      }

      artifact {
        source      = var.image
        mode        = "file"
        destination = "local/disk.img"
      }

      # A text from a file beside this one.
      template {
        data        = file("app.conf.tpl")
        destination = "local/seed/app.conf"
      }

      # Lines of NAME=VALUE become variables of the task, and config may use them.
      template {
        data        = <<-EOH
          PROCESSORS={{ if gt (env "NOMAD_MEMORY_LIMIT" | parseInt) 1000 }}4{{ else }}2{{ end }}
        EOH
        destination = "secrets/machine.env"
        env         = true
      }

      config {
        image_path      = "local/disk.img"
        accelerator     = "tcg"
        drive_interface = "virtio"

        args = [
          "-smp", "${PROCESSORS}",
          "-drive", "if=virtio,format=raw,readonly=on,file.driver=vvfat,file.dir=local/seed,file.label=CIDATA",
        ]
      }

      resources {
        memory = 256
      }
    }
  }
}
