# A job for some machines only.
#
#   qemu-run --config client.hcl rack.nomad.hcl

job "rack" {
  type        = "batch"
  datacenters = ["lab"]

  constraint {
    attribute = "${attr.kernel.name}"
    value     = "linux"
  }

  constraint {
    attribute = "${attr.driver.qemu.version}"
    operator  = ">="
    value     = "7.0"
  }

  group "rack" {
    constraint {
      attribute = "${meta.rack}"
      operator  = "regexp"
      value     = "^r[0-9]+$"
    }

    constraint {
      attribute = "${node.class}"
      value     = "laptop"
    }

    task "vm" {
      driver = "qemu"

      artifact {
        source = "../images/hello.img"
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
