# A guest whose ports can be reached from this machine; each run says the addresses.
#
#   qemu-run @FILE@
#
# The tiny guest beside this file listens on no port: put an image of yours in its place.

job "@NAME@" {
  type = "batch"

  group "@NAME@" {
    network {
      # A free port of this machine is chosen at start. For the same one each time: static = 8080
      port "http" {
        to = 80
      }

      # Then: ssh -p PORT 127.0.0.1
      port "ssh" {
        to = 22
      }
    }

    task "vm" {
      driver = "qemu"

      config {
        image_path  = "@NAME@.img"
        accelerator = "tcg" # "kvm" is faster, where the machine has it
      }

      resources {
        memory = 128 # MB
      }
    }
  }
}
