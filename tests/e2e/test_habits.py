"""How people write QEMU jobs: each habit works with a real QEMU, or is refused with a way out."""

import gzip
import re
import tarfile

import pytest

SSH = 'network {\n port "ssh" {%s}\n }'
FORWARD = "hostfwd=tcp::${NOMAD_PORT_ssh}-:22"
FILE = 'artifact {\n source = "%s"\n destination = "%s"\n mode = "file"\n }\n'
TEMPLATE = 'template {\n data = "#cloud-config"\n destination = "local/user-data"\n }\n'
CONSUL = """service {
  name = "web"
  port = "ssh"
  connect {
    sidecar_service {}
  }
  check {
    type     = "http"
    path     = "/"
    expose   = true
    interval = "10s"
    timeout  = "2s"
  }
}
"""
BESIDE = """task "swtpm" {
  driver = "%s"
  lifecycle {
    hook    = "prestart"
    sidecar = true
  }
  config {
    command = "swtpm"
  }
}
"""
FAR = 'constraint {\n attribute = "${attr.unique.hostname}"\n value = "far"\n }\n'


def args(*words):
    return {"config": "args = [" + ", ".join(f'"{word}"' for word in words) + "]"}


WORKS = {
    "forwards by hand": (
        args("-netdev", f"user,id=user.0,{FORWARD}", "-device", "e1000,netdev=user.0") | {"group": SSH % ""},
        r"0\.0\.0\.0:\d+ -> guest 22",
    ),
    "forwards by hand in the old way": (
        args("-net", "nic,model=virtio", "-net", f"user,{FORWARD}") | {"group": SSH % ""},
        r"0\.0\.0\.0:\d+ -> guest 22",
    ),
    "to = -1": ({"group": SSH % "\n to = -1\n "}, "ready"),
    "to": ({"group": SSH % "\n to = 22\n "}, r"ssh +127\.0\.0\.1:\d+ -> guest 22"),
    "no to": ({"group": SSH % "", "config": "port_map {\n ssh = 22\n }"}, r"127\.0\.0\.1:\d+ -> guest 22"),
    "memory": (args("-m", "256"), r"256 MB(.|\n)*ram64k=001000|ram64k=001000(.|\n)*256 MB"),
    "memory of the job": (args("-m", "${NOMAD_MEMORY_LIMIT}M"), "ram64k=000800"),
    "cores": (args("-smp", "2"), "cpus=02"),
    "processor": (args("-cpu", "max"), "ready"),
    "machine": (args("-machine", "type=q35", "-accel", "tcg"), "ich9"),
    "-nographic": (args("-nographic"), "ready"),
    "-display": (args("-display", "none", "-monitor", "none"), "ready"),
    "-vnc": (args("-vnc", "127.0.0.1:77"), "vnc.*5977"),
    "-serial": (args("-serial", "mon:stdio"), "ready"),
    "files of the task directory": (
        args("-cdrom", "local/user-data", "-drive", "file=fat:rw:local,format=raw,if=virtio")
        | {"task": TEMPLATE},
        "ready",
    ),
    "SMBIOS": (args("-smbios", "type=1,serial=ds=nocloud-net;s=http://host:8000/name/"), "ready"),
    "an artifact for each": (
        {
            "image": "local/name",
            "task": FILE % ("disk.img", "local/name") + FILE % ("other.iso", "local/other.iso"),
        }
        | args("-cdrom", "local/other.iso"),
        "ready",
    ),
    "a destination outside local": (
        {"image": "name.qcow2", "task": FILE % ("disk.img", "name.qcow2")},
        "ready",
    ),
    "a packed image": (
        {"image": "local/disk.img", "task": 'artifact {\n source = "packed/disk.img.gz"\n }'},
        "ready",
    ),
    "an archive": ({"image": "local/disk.img", "task": 'artifact {\n source = "disk.img.tgz"\n }'}, "ready"),
    "no suffix": ({"image": "ubuntu1804"}, "ready"),
    "production": (
        {"group": "reschedule {\n attempts = 0\n }\n" + SSH % "\n to = 22\n " + "\n" + CONSUL},
        "connect",
    ),
}


@pytest.fixture
def images(qemu_run, guest):
    image = guest(end_at_once=True)
    data = image.read_bytes()
    folder = qemu_run.folder
    (folder / "packed").mkdir()
    (folder / "packed/disk.img.gz").write_bytes(gzip.compress(data))
    (folder / "ubuntu1804").write_bytes(data)
    (folder / "other.iso").write_bytes(b"\0" * 65536)
    with tarfile.open(folder / "disk.img.tgz", "w:gz") as archive:
        archive.add(image, "disk.img")
    return data


@pytest.mark.parametrize("name", WORKS)
def test_it_works(qemu_run, images, job, name):
    parts, said = WORKS[name]
    result = qemu_run.run(job(**parts))
    assert result.code == 0, result.err
    assert "ready" in result.out
    assert re.search(said, result.out + result.err), result.err


def test_one_port_twice_is_one_forward(qemu_run, images, job):
    network = 'resources {\n network {\n port "ssh" {\n static = 22322\n }\n }\n memory = 128\n }'
    both = args("-netdev", "user,id=n0,hostfwd=tcp::22322-:22", "-device", "e1000,netdev=n0")
    text = (qemu_run.folder / job(config=both["config"] + "\n port_map {\n ssh = 22\n }")).read_text()
    text = re.sub(r"resources \{[^}]*\}", network, text)
    (qemu_run.folder / "web.nomad.hcl").write_text(text)
    result = qemu_run.run("web.nomad.hcl")
    assert result.code == 0, result.err
    assert result.err.count(":22322 -> guest 22") == 1


def test_firmware_of_the_jobs_own(qemu_run, job):
    """Its flash memory begins in the task directory; on an empty disk it finds nothing."""
    (qemu_run.folder / "disk.img").write_bytes(b"\0" * (1 << 20))
    brought = FILE % ("/usr/share/OVMF/OVMF_CODE_4M.fd", "local/OVMF_CODE.fd")
    flash = args("-drive", "if=pflash,format=raw,readonly=on,file=local/OVMF_CODE.fd", "-nic", "none")
    result = qemu_run.run(job(memory=256, task=brought, **flash))
    assert result.code == 103, result.err
    assert "UEFI" in result.err


REFUSED = {
    "a bridge": (
        args("-netdev", "bridge,id=hn0", "-device", "virtio-net-pci,netdev=hn0,mac=52:54:00:12:34:56"),
        "bridge.*helper|helper.*bridge|qemu-bridge-helper",
    ),
    "KVM where there is none": (args("-enable-kvm"), "kvm"),
    "an option without its dash": (args("net nic,model=e1000"), r'"-net", "nic,model=e1000"'),
    "a comma behind an argument": ({"group": "count = 1,"}, "comma|,"),
    "arguments on one line": ({"task": "logs { max_files = 1 max_file_size = 1 }"}, "line"),
    "a host that is not this one": ({"group": FAR}, "--ignore-constraints"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_a_way_out(qemu_run, images, job, name):
    parts, said = REFUSED[name]
    result = qemu_run.run(job(**parts))
    assert result.code in {110, 111, 114}, result.err
    assert re.search(said, result.err), result.err


def test_a_job_for_a_far_host_runs_all_the_same(qemu_run, images, job):
    assert qemu_run.run("run", "--ignore-constraints", job(group=FAR)).code == 0


@pytest.mark.parametrize("driver", ["raw_exec", "docker"])
def test_a_task_beside_it_that_cannot_run_here(qemu_run, images, job, driver):
    name = job(group=BESIDE % driver)
    refused = qemu_run.run(name)
    assert refused.code == 111
    assert "--task vm" in refused.err
    assert qemu_run.run("inspect", name).code == 0
    result = qemu_run.run("run", "--task", "vm", name)
    assert result.code == 0, result.err
    assert "ready" in result.out
