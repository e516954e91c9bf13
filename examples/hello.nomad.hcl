# The smallest whole job: a guest of one kilobyte, fetched, verified and booted.
#
#   qemu-run examples/hello.nomad.hcl

job "hello" {
  type = "batch"

  group "hello" {
    task "vm" {
      driver = "qemu"

      artifact {
        source = "images/hello.img"
        options {
          checksum = "sha256:dbc885499bca0fab133f4fe0a149faddf682d45facb5757560d7df015f5c6308"
        }
      }

      config {
        image_path  = "local/hello.img"
        accelerator = "tcg"
      }

      resources {
        memory = 128
      }
    }
  }
}
