"""Names that are written where an image's path belongs and are something else."""

import re

from qemu_run.images.problems import ImageError

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*::)?(https?|ftp|s3|gcs|gs|git|hg|sftp|scp)://|[a-z][a-z0-9]*::\S", re.IGNORECASE
)
_PROTOCOL = re.compile(
    r"(nbd|nbd\+\w+|iscsi|iser|ssh|rbd|gluster(?:\+\w+)?|nfs|fat|json|blkdebug|blkverify|nvme|vxhs|sheepdog|host_device"
    r"|null-co|null-aio|ftps):",
    re.IGNORECASE,
)
_OPTION_TEXT = re.compile(r"(?:^|,)(?:file|if|format|driver|media|id|index|readonly|cache|snapshot)=")


def misplaced(text: str) -> ImageError | None:
    """What an `image_path` is instead of a path, with what to write; None for what may be a path.

    Whether a file of that name exists is for the caller to see first.
    """
    if _ADDRESS.match(text):
        name = text.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1] or "disk.img"
        cure = f'artifact {{ source = "{text}" }} brings it, and image_path = "local/{name}" names it'
        return ImageError("image_path is an address, not a path", detail=text, cure=cure)
    if _PROTOCOL.match(text):
        cure = f'leave image_path out and write args = ["-drive", "file={text},format=raw,if=virtio"]'
        return ImageError("image_path is one of QEMU's own names, not a path", detail=text, cure=cure)
    if text.startswith("-") or _OPTION_TEXT.search(text):
        words = text.removeprefix("-drive").strip()
        cure = f'image_path is a path alone; options go into args = ["-drive", "{words}"]'
        return ImageError("image_path is QEMU option text, not a path", detail=text, cure=cure)
    return None
