# What the owner of this machine has to say of it, in the form of Nomad's agent.

datacenter = "lab"

client {
  node_class = "laptop"

  meta {
    rack = "r1"
  }
}
