# A condition on the machine, and a port of the guest that can be reached from it.

job "ports" {
  type = "batch"

  group "ports" {
    # The spelling of the driver's own documentation; a cluster takes ${attr.driver.qemu.version}.
    constraint {
      attribute = "${driver.qemu.version}"
      operator  = ">"
      value     = "1.2.3"
    }

    network {
      port "db" {}
    }

    task "vm" {
      driver = "qemu"

      config {
        image_path  = "images/hello.img"
        accelerator = "tcg"

        port_map {
          db = 6539
        }
      }
    }
  }
}
