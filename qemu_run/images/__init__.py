"""Disk images: what format a file has, what it refers to, and overlays that keep it as it is.

A small library of its own; it knows files, and nothing of jobs.

    with open_chain(Path("disk.qcow2"), allowed_folders=[...]) as chain:       every layer, open and checked
        overlay = make_overlay(folder / "image0.qcow2", chain, size_bytes=20 << 30)
        arguments = drive_arguments(named_layers(overlay), "virtio")            QEMU's words for all of it
"""
