# A cloud image that is told who it is by templates: cloud-init finds them on a disk labelled CIDATA, which QEMU
# makes of the folder local/seed. No other task packs them.
#
#   qemu-run examples/cloud-init.nomad.hcl --var image=https://images.example.com/debian-12-genericcloud-amd64.qcow2

variable "image" {
  type        = string
  description = "Where the cloud image is: an address, or a path relative to this file."
  default     = "images/hello.img"
}

job "cloud-init" {
  type = "batch"

  group "cloud-init" {
    network {
      port "ssh" {
        to = 22
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

      template {
        destination = "local/seed/meta-data"
        data        = <<-EOH
          instance-id: {{ env "NOMAD_ALLOC_ID" }}
          local-hostname: {{ env "NOMAD_TASK_NAME" }}
        EOH
      }

      template {
        destination = "local/seed/user-data"
        data        = <<-EOH
          #cloud-config
          ssh_pwauth: true
          chpasswd:
            expire: false
            users:
              - {name: root, password: change-me, type: text}
        EOH
      }

      config {
        image_path        = "local/disk.img"
        accelerator       = "tcg"
        drive_interface   = "virtio"
        graceful_shutdown = true
        args = [
          "-drive", "if=virtio,format=raw,readonly=on,file.driver=vvfat,file.dir=local/seed,file.label=CIDATA",
        ]
      }

      resources {
        memory = 512
      }
    }
  }
}
