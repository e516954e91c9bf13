# A guest that is asked to power off before it is killed, and options passed on to QEMU.
# Ctrl-C presses the power button; the guest then has kill_timeout to end.

job "graceful" {
  type = "batch"

  group "graceful" {
    task "vm" {
      driver       = "qemu"
      kill_timeout = "10s"

      config {
        image_path        = "images/hello.img"
        accelerator       = "tcg"
        graceful_shutdown = true

        # -nodefconfig is gone from QEMU since 3.1; qemu-run passes -no-user-config instead, and says so.
        args = ["-nodefaults", "-nodefconfig"]
      }
    }
  }
}
