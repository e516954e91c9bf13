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
          checksum = "sha256:5ed9f9a50ed9b5c465b5688e3121f44195e612bd8659afd96a8d95859557b6c9"
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
