# What jobs may ask of this machine.

client {
  min_dynamic_port = 21000
  max_dynamic_port = 21999

  host_network "inside" {
    cidr = "127.0.0.0/8"
  }
}

plugin "qemu" {
  config {
    image_paths         = ["/srv/images"]
    args_allowlist      = ["-smp", "-cpu"]
    emulators_allowlist = ["x86_64", "aarch64"]
  }
}
