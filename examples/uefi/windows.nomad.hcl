# Windows that is installed on windows.qcow2 already, with its screen on VNC.
#
#   qemu-run windows.nomad.hcl

job "windows" {
  group "windows" {
    network {
      port "rdp" {
        to = 3389
      }
    }

    task "vm" {
      driver       = "qemu"
      kill_timeout = "3m" # Windows takes its time to shut down

      meta {
        qemu_run_firmware = "uefi"
      }

      config {
        image_path        = "windows.qcow2"
        accelerator       = "kvm"
        machine_type      = "q35"
        drive_interface   = "ide" # q35's is SATA, for which Windows has a driver; "virtio" wants one from virtio-win
        graceful_shutdown = true

        args = [
          "-cpu", "host,hv_relaxed,hv_vapic,hv_time,hv_spinlocks=0x1fff",
          "-rtc", "base=localtime",
          "-vga", "std",
          "-vnc", "127.0.0.1:1",
          "-device", "qemu-xhci",
          "-device", "usb-tablet",
        ]
      }

      resources {
        cores  = 4
        memory = 4096
      }
    }
  }
}
