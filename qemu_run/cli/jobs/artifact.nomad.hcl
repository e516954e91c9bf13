# An image that is fetched, verified and kept: each run writes to an overlay, the image stays as it is.
#
#   qemu-run @FILE@
#
# The source is the file beside this one, so that it runs without the network. From the web it is an
# address, with the checksum that stands beside the download:
#
#   source = "https://images.example.com/debian-12.qcow2"

job "@NAME@" {
  type = "batch"

  group "@NAME@" {
    task "vm" {
      driver = "qemu"

      artifact {
        source      = "@NAME@.img"
        mode        = "file"
        destination = "local/disk.img"

        options {
          checksum = "sha256:@SHA256@"
        }
      }

      config {
        image_path  = "local/disk.img" # the artifact's
        accelerator = "tcg"            # "kvm" is faster, where the machine has it
      }

      resources {
        memory = 128 # MB
      }
    }
  }
}
