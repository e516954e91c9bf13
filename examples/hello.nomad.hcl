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
          checksum = "sha256:d61268701e8c04a3e374754876acbfbc5c9bfb58d6f23b99cdd5fb58773ea351"
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
