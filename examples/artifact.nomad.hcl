# An image that is fetched and verified before it boots, and stays as it is: the guest writes to an overlay.
#
#   qemu-run examples/artifact.nomad.hcl --var image=https://images.example.com/linux.img

variable "image" {
  type        = string
  description = "Where the image is: an address, or a path relative to this file."
  default     = "images/hello.img"
}

job "artifact" {
  type = "batch"

  group "artifact" {
    task "vm" {
      driver = "qemu"

      artifact {
        source      = var.image
        mode        = "file"
        destination = "local/linux.img"
        options {
          checksum = "md5:625be9391d0d588a90c139edad1663ab"
        }
      }

      config {
        image_path        = "local/linux.img"
        accelerator       = "tcg"
        graceful_shutdown = true
        args              = ["-nodefaults", "-no-user-config"]
      }
    }
  }
}
