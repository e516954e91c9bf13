# An image inside an archive: image_path is its path in there, as the driver's page describes it.

job "artifact-archive" {
  type = "batch"

  group "artifact-archive" {
    task "vm" {
      driver = "qemu"

      artifact {
        source = "images/hello.tar.gz"
        options {
          checksum = "md5:ed34f0974661fd5c63df449d84d01db0"
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
