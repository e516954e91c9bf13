# An image under test: the exit code says how the guest ended.
#
#   qemu-run @FILE@ --quiet
#
#   0         the guest powered itself off
#   1 to 99   the number that the guest wrote to port 0xf4 (the value v gives 2v + 1)
#   102       it panicked; 100 and above are qemu-run's: qemu-run help run
#   124       it took longer than qemu_run_timeout
#
# With a test of yours on this machine, once the guest's console has said that it is ready:
#
#   qemu-run @FILE@ --ready 'login:' -- ./test-it

variable "image" {
  description = "The image under test, beside this file: --var image=NAME"
  type        = string
  default     = "@NAME@.img"
}

job "@NAME@" {
  type = "batch"

  meta {
    qemu_run_timeout = "15m" # always set one: a guest that hangs would take the pipeline's whole time
  }

  group "@NAME@" {
    task "vm" {
      driver = "qemu"

      config {
        image_path  = var.image
        accelerator = "tcg" # on a runner with /dev/kvm: --accelerator kvm
        args        = ["-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"]
      }

      resources {
        memory = 128 # MB
      }
    }
  }
}
