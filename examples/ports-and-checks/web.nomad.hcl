# A guest that serves a page: its ports are forwarded, and a check says when it serves.
#
#   qemu-run web.nomad.hcl

variable "image" {
  type        = string
  description = "A system with a web server: an address, or a path relative to this file."
  default     = "disk.img"
}

job "web" {
  group "web" {
    # What is under way may end before the guest is stopped.
    shutdown_delay = "1s"

    network {
      # The host's port is chosen at start; for the same one each time: static = 8080
      port "http" {
        to = 80
      }
    }

    service {
      name     = "web"
      provider = "nomad"
      port     = "http"

      check {
        type     = "http"
        path     = "/"
        interval = "2s"
        timeout  = "2s"

        # Three failures in a row end the attempt; those of the first minute do not count.
        check_restart {
          limit = 3
          grace = "60s"
        }
      }
    }

    # One more attempt.
    restart {
      attempts = 1
      interval = "30m"
      delay    = "5s"
      mode     = "fail"
    }

    task "vm" {
      driver       = "qemu"
      kill_timeout = "30s"

      artifact {
        source      = var.image
        mode        = "file"
        destination = "local/disk.img"
      }

      config {
        image_path        = "local/disk.img"
        accelerator       = "tcg"
        drive_interface   = "virtio"
        graceful_shutdown = true
      }

      resources {
        memory = 256
      }
    }
  }
}
