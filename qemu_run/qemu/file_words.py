"""The words in QEMU's options that tell what is a file of the host, and what is none.

Source: QEMU's manual page; the options of its block drivers, networks and objects.
"""

FILE_KEYS = frozenset(
    {
        *("file", "filename", "path", "romfile", "mem-path", "logfile", "splash", "events", "rrfile"),
        *("kernel", "initrd", "dtb", "dumpdtb", "firmware", "shim", "evdev", "dir", "rootdir", "tftp"),
        *("smb", "script", "downscript", "helper", "sock", "socket", "sysfsdev", "vhostdev"),
        *("cancel-path", "cancel_path", "rendernode", "x509-dir", "x509-key-file", "x509-cert-file"),
        *("x509-cacert-file", "x509-dh-key-file", "input-path", "crlfile", "cert-file", "key-file"),
        *("session-file", "dh-cert-file", "data", "rom", "config"),
    }
)
"""Keys whose value is a file's name, whatever it looks like."""
FOLDER_KEYS = frozenset({"dir", "rootdir", "tftp", "smb", "x509-dir"})
"""Those of them that name a folder."""
NOT_PATHS = frozenset(
    {
        *("mac", "net", "ipv6-net", "dhcpstart", "hostfwd", "guestfwd", "serial", "value", "string"),
        *("mount_tag", "name", "vnc", "bootfile", "tftp-server-name", "append"),
    }
)
"""Keys whose value may hold a slash and never names a file, or is read by itself."""
REFERENCES = frozenset({"file", "backing", "data-file", "image", "raw", "test"})
"""Keys that name another node, where a disk is described by `-blockdev` or below another key."""
LOCAL_DRIVERS = frozenset(
    {
        *("file", "host_device", "host_cdrom", "raw", "qcow2", "qcow", "qed", "vmdk", "vdi", "vhdx"),
        *("vpc", "parallels", "dmg", "cloop", "bochs", "luks", "vvfat", "null-co", "null-aio"),
        *("copy-on-read", "throttle", "blkdebug", "blkverify", "blklogwrites", "preallocate"),
        *("compress", "quorum", "snapshot-access"),
    }
)
"""Formats and protocols of block nodes that reach nothing but files of this host."""
NETWORKS = frozenset(
    {
        *("user", "socket", "stream", "dgram", "hubport", "vhost-user", "vhost-vdpa", "vde", "l2tpv3"),
        *("nic", "none", "tap"),
    }
)
"""Kinds of networks that are known; of others nobody knows what they start."""
