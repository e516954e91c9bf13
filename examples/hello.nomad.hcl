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
          checksum = "sha256:4bfcd9e5cec849cd04b38f39e31bd22895e519d46e8db6f70869486d495ec542"
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
