import pytest

from qemu_run.qemu.arguments import read_args
from qemu_run.qemu.files import file_references

SECRET = "/etc/shadow"

NAMING = [
    [SECRET],
    ["-hda", SECRET],
    ["--hda", SECRET],
    ["-cdrom", SECRET],
    ["-fda", SECRET],
    ["-mtdblock", SECRET],
    ["-sd", SECRET],
    ["-pflash", SECRET],
    ["-kernel", SECRET],
    ["-initrd", SECRET],
    ["-initrd", f"a word,{SECRET} word"],
    ["-dtb", SECRET],
    ["-bios", SECRET],
    ["-shim", SECRET],
    ["-option-rom", SECRET],
    ["-option-rom", f"romfile={SECRET}"],
    ["-k", SECRET],
    ["-L", SECRET],
    ["-D", SECRET],
    ["-mem-path", SECRET],
    ["-drive", f"file={SECRET},format=raw"],
    ["-drive", f"format=raw,file.driver=file,file.filename={SECRET}"],
    ["-drive", f"file.filename={SECRET}"],
    ["-drive", f"file=a.qcow2,backing.file.filename={SECRET}"],
    ["-drive", f"if=none,id=x,file=file:{SECRET}"],
    ["-drive", f'file=json:{{"driver":"raw",,"file":{{"driver":"file",,"filename":"{SECRET}"}}}}'],
    ["-drive", f"file=fat:{SECRET}"],
    ["-drive", f"file=fat:rw:{SECRET}"],
    ["-drive", f"file=fat:floppy:rw:16:label=X:{SECRET}"],
    ["-drive", f"driver=vvfat,dir={SECRET}"],
    ["-drive", f"driver=blkdebug,config={SECRET},image.filename=x"],
    ["-hda", f"fat:{SECRET}"],
    ["-blockdev", f"driver=file,node-name=a,filename={SECRET}"],
    ["-blockdev", f'{{"driver":"raw","node-name":"a","file":{{"driver":"file","filename":"{SECRET}"}}}}'],
    ["-blockdev", f'{{"driver":"quorum","children":[{{"driver":"file","filename":"{SECRET}"}}]}}'],
    ["-fsdev", f"local,id=f,path={SECRET},security_model=none"],
    ["-virtfs", f"local,path={SECRET},mount_tag=t,security_model=none"],
    ["-chardev", f"file,id=c,path={SECRET}"],
    ["-chardev", f"socket,id=c,path={SECRET},server=on"],
    ["-chardev", f"pipe,id=c,path={SECRET}"],
    ["-chardev", f"null,id=c,logfile={SECRET}"],
    ["-chardev", f'{{"id":"c","backend":{{"type":"file","data":{{"out":"{SECRET}"}}}}}}'],
    ["-serial", f"file:{SECRET}"],
    ["-serial", SECRET],
    ["-serial", f"unix:{SECRET},server=on"],
    ["-serial", f"pipe:{SECRET}"],
    ["-parallel", f"file:{SECRET}"],
    ["-debugcon", f"file:{SECRET}"],
    ["-device", f"virtio-net,romfile={SECRET}"],
    ["-device", f"loader,file={SECRET}"],
    ["-device", f"guest-loader,addr=0,kernel={SECRET}"],
    ["-device", f"usb-mtp,rootdir={SECRET}"],
    ["-device", f"of-tomorrow,some-name={SECRET}"],
    ["-device", f'{{"driver":"virtio-net","romfile":"{SECRET}"}}'],
    ["-global", f"virtio-net-pci.romfile={SECRET}"],
    ["-global", f"driver=virtio-net-pci,property=romfile,value={SECRET}"],
    ["-object", f"memory-backend-file,id=m,size=1M,mem-path={SECRET}"],
    ["-object", f"rng-random,id=r,filename={SECRET}"],
    ["-object", f"secret,id=s,file={SECRET}"],
    ["-object", f"tls-creds-x509,id=t,dir={SECRET}"],
    ["-object", f"input-linux,id=i,evdev={SECRET}"],
    ["-object", f"filter-dump,id=d,netdev=n,file={SECRET}"],
    ["-object", f'{{"qom-type":"secret","id":"s","file":"{SECRET}"}}'],
    ["-machine", f"q35,kernel={SECRET}"],
    ["-M", f"virt,dumpdtb={SECRET}"],
    ["-machine", f"pc,firmware={SECRET}"],
    ["-boot", f"menu=on,splash={SECRET}"],
    ["-smbios", f"file={SECRET}"],
    ["-smbios", f"type=11,path={SECRET}"],
    ["-acpitable", f"file={SECRET}"],
    ["-acpitable", f"data=a:{SECRET}"],
    ["-fw_cfg", f"name=opt/x,file={SECRET}"],
    ["-fw_cfg", f"opt/x,file={SECRET}"],
    ["-netdev", f"user,id=n,tftp={SECRET}"],
    ["-netdev", f"user,id=n,hostfwd=unix:{SECRET}-:80"],
    ["-netdev", f"user,id=n,guestfwd=tcp:10.0.2.100:1-unix:{SECRET}"],
    ["-netdev", f"stream,id=n,addr.type=unix,addr.path={SECRET}"],
    ["-netdev", f"vhost-vdpa,id=n,vhostdev={SECRET}"],
    ["-netdev", f'{{"type":"user","id":"n","tftp":"{SECRET}"}}'],
    ["-nic", f"user,tftp={SECRET}"],
    ["-net", f"user,tftp={SECRET}"],
    ["-vnc", f"unix:{SECRET}"],
    ["-spice", f"unix=on,addr={SECRET}"],
    ["-spice", f"port=1,x509-key-file={SECRET}"],
    ["-display", f"egl-headless,rendernode={SECRET}"],
    ["-audiodev", f"wav,id=a,path={SECRET}"],
    ["-tpmdev", f"passthrough,id=t,path={SECRET}"],
    ["-trace", f"file={SECRET}"],
    ["-trace", f"events={SECRET}"],
    ["-icount", f"shift=auto,rr=record,rrfile={SECRET}"],
]


@pytest.mark.parametrize("args", NAMING, ids=[" ".join(args) for args in NAMING])
def test_every_way_to_name_a_file_is_seen(args):
    (option,) = read_args(args)
    references = file_references(option)
    assert references is not None
    assert SECRET in [reference.path for reference in references]


UNKNOWN = [
    ["-of-tomorrow", "x"],
    ["-of-tomorrow"],
    ["-readconfig", "local/x"],
    ["-set", "drive.image0.file=/etc/shadow"],
    ["-monitor", "tcp:127.0.0.1:4444,server=on,wait=off"],
    ["-monitor", "stdio"],
    ["-qmp", "unix:local/q,server=on"],
    ["-mon", "chardev=c"],
    ["-serial", "mon:tcp::4444,server=on"],
    ["-gdb", "tcp::1234"],
    ["-s"],
    ["-plugin", "local/x.so"],
    ["-semihosting"],
    ["-semihosting-config", "enable=on"],
    ["-hda", "nbd:127.0.0.1:1"],
    ["-hda", "http://x/y"],
    ["-drive", "file=ssh://host/etc/shadow"],
    ["-drive", "driver=nbd,host=x"],
    ["-drive", "file.driver=https,file.url=https://x/y"],
    ["-drive", 'file=json:{"driver":"ssh"}'],
    ["-drive", "file=blkdebug:/etc/shadow:x"],
    ["-blockdev", "{broken"],
    ["-blockdev", "driver=iscsi,portal=x"],
    ["-device", "{broken"],
    ["-device", "x,y=proto:/etc/shadow"],
    ["-netdev", "user,id=n,smb=/"],
    ["-netdev", "user,id=n,guestfwd=tcp:10.0.2.100:1-cmd:sh"],
    ["-netdev", "bridge,id=n"],
    ["-netdev", "tap,id=n"],
    ["-netdev", "tap,id=n,script=/tmp/x"],
    ["-netdev", "tap,id=n,script=no,downscript=no,helper=/tmp/x"],
    ["-netdev", "passt,id=n,path=local/x"],
]


@pytest.mark.parametrize("args", UNKNOWN, ids=[" ".join(args) for args in UNKNOWN])
def test_what_may_reach_any_file_is_said_to(args):
    assert file_references(read_args(args)[0]) is None


HARMLESS = [
    ["-m", "2G"],
    ["-smp", "4"],
    ["-nographic"],
    ["-append", "root=/dev/vda console=ttyS0"],
    ["-netdev", "user,id=n,hostfwd=tcp::1-:2,net=10.0.2.0/24,bootfile=/pxelinux.0"],
    ["-netdev", "tap,id=n,script=no,downscript=no,ifname=tap0"],
    ["-netdev", "tap,id=n,fd=3"],
    ["-device", "virtio-net,netdev=n,mac=52:54:00:12:34:56"],
    ["-device", "virtio-blk,drive=d,serial=a/b"],
    ["-smbios", "type=1,serial=ds=nocloud-net;s=http://10.0.2.2:8000/x/"],
    ["-smbios", "type=1,product=A/B"],
    ["-fw_cfg", "name=opt/com.coreos/config,string=x/y"],
    ["-vnc", "127.0.0.1:1"],
    ["-serial", "stdio"],
    ["-serial", "tcp::1,server=on"],
    ["-monitor", "none"],
    ["-chardev", "socket,id=c,host=127.0.0.1,port=1,server=on"],
    ["-object", "iothread,id=i"],
    ["-machine", "q35,smm=on,accel=tcg"],
    ["-virtfs", "synth,mount_tag=a/b"],
    ["-blockdev", "driver=raw,node-name=a,file=b"],
    ["-drive", "if=none,id=x,driver=null-co"],
]


@pytest.mark.parametrize("args", HARMLESS, ids=[" ".join(args) for args in HARMLESS])
def test_what_names_no_file_names_none(args):
    assert file_references(read_args(args)[0]) == ()


@pytest.mark.parametrize(
    ("args", "kind", "image_format"),
    [
        (["local/d.img"], "disk", "raw"),
        (["-hda", "local/d.img"], "disk", ""),
        (["-drive", "file=local/d.img,format=qcow2,if=virtio"], "disk", "qcow2"),
        (["-drive", "file=fat:rw:local"], "folder", ""),
        (["-virtfs", "local,path=local,mount_tag=t"], "folder", ""),
        (["-kernel", "local/vmlinuz"], "file", ""),
        (["-serial", "file:local/log"], "output", ""),
    ],
)
def test_a_disk_is_told_from_other_files(args, kind, image_format):
    (reference,) = file_references(read_args(args)[0])
    assert (reference.kind, reference.format) == (kind, image_format)
    assert reference.path.startswith("local")
