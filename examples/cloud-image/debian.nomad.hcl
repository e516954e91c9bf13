# Debian's cloud image, told who it is by templates: cloud-init finds them on a disk labelled CIDATA, which QEMU
# makes of the folder local/seed. No other task packs them. The first run downloads 330 MB.
#
#   qemu-run debian.nomad.hcl --var "ssh_key=$(cat ~/.ssh/id_ed25519.pub)"

variable "image" {
  type        = string
  description = "Where the cloud image is: an address, or a path relative to this file."
  default     = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2"
}

variable "ssh_key" {
  type        = string
  description = "A public key that may log in; without one, the password on the console is debian."
  default     = ""
}

job "debian" {
  group "debian" {
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
        destination = "local/disk.qcow2"

        # The line of SHA512SUMS beside the image keeps it the same image every time:
        # options {
        #   checksum = "sha512:..."
        # }
      }

      template {
        destination = "local/seed/meta-data"
        data        = <<-EOH
          instance-id: {{ env "NOMAD_ALLOC_ID" }}
          local-hostname: {{ env "NOMAD_JOB_NAME" }}
        EOH
      }

      template {
        destination = "local/seed/user-data"
        data        = <<-EOH
          #cloud-config
          password: debian
          chpasswd: { expire: false }
          ssh_authorized_keys: ${jsonencode(compact([var.ssh_key]))}
        EOH
      }

      config {
        image_path        = "local/disk.qcow2"
        accelerator       = "tcg" # "kvm" is much faster, where the machine has it
        drive_interface   = "virtio"
        graceful_shutdown = true

        args = [
          "-drive", "if=virtio,format=raw,readonly=on,file.driver=vvfat,file.dir=local/seed,file.label=CIDATA",
        ]
      }

      resources {
        memory = 1024
      }
    }
  }
}
