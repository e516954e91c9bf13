# An image inside an archive: image_path is its path in there, as the driver's page describes it.

job "artifact-archive" {
  type = "batch"

  group "artifact-archive" {
    task "vm" {
      driver = "qemu"

      artifact {
        source = "images/hello.tar.gz"
        options {
          checksum = "md5:092e26f732d832e502267e4177769bb9"
        }
      }

      config {
        image_path        = "sub/hello.img"
        accelerator       = "tcg"
        graceful_shutdown = true
        args              = ["-nodefaults", "-no-user-config"]
      }
    }
  }
}
