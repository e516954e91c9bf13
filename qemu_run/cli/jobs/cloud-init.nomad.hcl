# Debian's cloud image, set up by cloud-init. It needs the network: the first run downloads 330 MB.
#
#   qemu-run @FILE@ --var "ssh_key=$(cat ~/.ssh/id_ed25519.pub)"
#   ssh -p PORT debian@127.0.0.1      the run says the port
#
# Without a key, log in on the console as debian with the password that stands below.

variable "ssh_key" {
  description = "A public key that may log in."
  type        = string
  default     = ""
}

job "@NAME@" {
  type = "batch"

  group "@NAME@" {
    network {
      port "ssh" {
        to = 22
      }
    }

    task "vm" {
      driver = "qemu"

      artifact {
        source      = "https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-generic-amd64.qcow2"
        mode        = "file"
        destination = "local/debian-12.qcow2"

        # The line of SHA512SUMS in the same folder keeps it the same image every time:
        # options {
        #   checksum = "sha512:..."
        # }
      }

      template {
        destination = "local/seed/meta-data"
        data        = "instance-id: @NAME@\nlocal-hostname: @NAME@\n"
      }

      template {
        destination = "local/seed/user-data"
        data        = <<-EOF
          #cloud-config
          password: debian
          chpasswd: { expire: false }
          ssh_authorized_keys: ${jsonencode(compact([var.ssh_key]))}
        EOF
      }

      config {
        image_path  = "local/debian-12.qcow2"
        accelerator = "tcg" # "kvm" is much faster, where the machine has it

        # The folder as a small disk, by whose label cloud-init finds it.
        args = ["-drive", "driver=vvfat,dir=local/seed,label=CIDATA,if=virtio,read-only=on"]
      }

      resources {
        memory = 1024 # MB
      }
    }
  }
}
