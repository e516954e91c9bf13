"""Mistakes of every kind: each is told once, on the line marked `# here`, in the words of the golden file."""

import pytest

from tests.jobspec.answers import job_of, load_text, shown

IMAGE = 'image_path = "x"'

DECODE = {
    "block for an attribute": job_of(job="type {} # here"),
    "attribute for a block": job_of(task="resources = { cpu = 1 } # here"),
    "attribute of the block around": job_of(group="network {\n count = 2 # here\n }"),
    "attribute of a block within": job_of(task="memory = 512 # here"),
    "attribute of a block far within": job_of(group="static = 22 # here"),
    "attribute of another tool": job_of(job='vault_token = "x" # here'),
    "block of the driver's config": job_of(task="port_map { ssh = 22 } # here"),
    "nothing like it": job_of(task="frobnicate = 1 # here"),
    "number for a string list": job_of(job="datacenters = 5 # here"),
    "list with a list in it": job_of(job='datacenters = ["a", ["b"]] # here'),
    "fraction for a whole number": job_of(group="count = 1.5 # here"),
    "word for a number": job_of(group='count = "many" # here'),
    "number for a bool": job_of(task="leader = 1 # here"),
    "null for a plain string": job_of(task="user = null # here"),
    "null for a duration": job_of(task="kill_timeout = null # here"),
    "list for a duration": job_of(task='kill_timeout = ["5s"] # here'),
    "duration without unit": job_of(task='kill_timeout = "5" # here'),
    "number out of range": job_of(job='affinity {\n attribute = "a"\n value = "b"\n weight = 300 # here\n }'),
    "two names for a block": job_of(group='volume "a" "b" {\n type = "host"\n source = "x"\n }').replace(
        '"a" "b" {', '"a" "b" { # here'
    ),
    "label on a map block": job_of(task='env "x" { # here\n A = 1\n }'),
    "block in a map block": job_of(task="env {\n A {} # here\n }"),
    "list in a map block": job_of(task="env {\n A = [1] # here\n }"),
    "string for a header list": job_of(
        group='service {\n provider = "nomad"\n port = "1"\n check {\n type = "http"\n path = "/"\n'
        ' interval = "5s"\n timeout = "5s"\n header {\n A = "x" # here\n }\n }\n }\n shutdown_delay = "1s"'
    ),
    "map that is none": job_of(task='env = "A=1" # here'),
    "two blocks of one kind": job_of(task="resources {}\n resources {} # here"),
    "scaling without max": job_of(group="scaling { # here\n min = 1\n }"),
    "scaling of something else": job_of(task='scaling "disk" { # here\n max = 1\n }'),
    "action without command": job_of(task='action "a" {} # here'),
}

DYNAMIC = {
    "without for_each": job_of(
        group='network {\n dynamic "port" { # here\n labels = ["a"]\n content {}\n }\n }'
    ),
    "over a number": job_of(
        group='network {\n dynamic "port" {\n for_each = 5 # here\n labels = ["a"]\n content {}\n }\n }'
    ),
    "over null": job_of(
        group='network {\n dynamic "port" {\n for_each = null # here\n labels = ["a"]\n content {}\n }\n }'
    ),
    "labels missing": job_of(
        group='network {\n dynamic "port" { # here\n for_each = ["a"]\n content {}\n }\n }'
    ),
    "labels not wanted": job_of(
        group='dynamic "network" {\n for_each = ["a"]\n labels = ["x"] # here\n content {}\n }'
    ),
    "two labels": job_of(
        group='network {\n dynamic "port" {\n for_each = [1]\n labels = ["a", "b"] # here\n content {}\n }\n}'
    ),
    "labels of another type": job_of(
        group='network {\n dynamic "port" {\n for_each = [1]\n labels = [["a"]] # here\n content {}\n }\n }'
    ),
    "iterator in quotes": job_of(
        group='dynamic "network" {\n for_each = ["a"]\n iterator = "x" # here\n content {}\n }'
    ),
    "two contents": job_of(group='dynamic "network" {\n for_each = [1]\n content {}\n content {} # here\n }'),
    "setting outside content": job_of(
        group='dynamic "network" {\n for_each = [1]\n mode = "host" # here\n content {}\n }'
    ),
    "another block": job_of(group='dynamic "network" {\n for_each = [1]\n dns {} # here\n content {}\n }'),
    "unknown kind": job_of(group='dynamic "netwrk" { # here\n for_each = [1]\n content {}\n }'),
    "in config": job_of(config=f'{IMAGE}\n dynamic "args" {{ # here\n for_each = [1]\n content {{}}\n }}'),
}

VARIABLES = {
    "twice": 'variable "a" { default = 1 }\nvariables {\n a = 2 # here\n}\n' + job_of(),
    "name": 'variable "a b" { default = 1 } # here\n' + job_of(),
    "quoted type": 'variable "a" {\n type = "string" # here\n default = ""\n}\n' + job_of(),
    "bare list": 'variable "a" {\n type = list # here\n default = []\n}\n' + job_of(),
    "optional": 'variable "a" {\n type = object({ a = optional(string) }) # here\n default = {}\n}\n'
    + job_of(),
    "misspelt type": 'variable "a" {\n type = strng # here\n default = ""\n}\n' + job_of(),
    "type of another language": 'variable "a" {\n type = int # here\n default = 1\n}\n' + job_of(),
    "object of a list": 'variable "a" {\n type = object([string]) # here\n default = {}\n}\n' + job_of(),
    "tuple of a type": 'variable "a" {\n type = tuple(string) # here\n default = []\n}\n' + job_of(),
    "default refers": 'variable "a" {\n default = var.b # here\n}\nvariable "b" { default = 1 }\n' + job_of(),
    "default calls": 'variable "a" {\n default = upper("x") # here\n}\n' + job_of(),
    "block in variables": "variables {\n a {} # here\n}\n" + job_of(),
    "validation without message": 'variable "a" {\n default = 1\n validation { # here\n'
    " condition = var.a > 0\n }\n}\n" + job_of(),
    "validation of another": 'variable "a" {\n default = 1\n validation {\n'
    ' condition = var.b > 0 # here\n error_message = "No."\n }\n}\nvariable "b" { default = 1 }\n' + job_of(),
    "validation of nothing": 'variable "a" {\n default = 1\n validation {\n'
    ' condition = 1 > 0 # here\n error_message = "No."\n }\n}\n' + job_of(),
    "validation that is no bool": 'variable "a" {\n default = 1\n validation {\n'
    ' condition = [var.a] # here\n error_message = "No."\n }\n}\n' + job_of(),
    "empty message": 'variable "a" {\n default = 1\n validation {\n'
    ' condition = var.a > 0\n error_message = " " # here\n }\n}\n' + job_of(),
    "local twice": "locals { a = 1 }\nlocals {\n a = 2 # here\n}\n" + job_of(),
    "local needs itself": "locals {\n a = local.a # here\n}\n" + job_of(),
    "block in locals": "locals {\n a {} # here\n}\n" + job_of(),
    "attribute outside": 'region = "x" # here\n' + job_of(),
    "job without a name": job_of().replace('job "j" {', "job { # here"),
}


RULES = {
    "job id with a blank": job_of().replace('"j" {', '"a b" { # here'),
    "job type": job_of(job='type = "Batch" # here'),
    "priority": job_of(job="priority = 101 # here"),
    "empty datacenter": job_of(job='datacenters = [\n "",  # here\n ]'),
    "no group": 'job "j" { # here\n}\n',
    "group twice": job_of().rstrip()[:-1]
    + 'group "g" { # here\n task "t" {\n driver = "docker"\n }\n }\n}\n',
    "no task": 'job "j" {\n group "g" { # here\n }\n}\n',
    "only helpers": job_of(task='lifecycle { hook = "prestart" }').replace('"g" {', '"g" { # here'),
    "task twice": job_of(group='task "t" { driver = "docker" }').replace(
        'task "t" {\n', 'task "t" { # here\n'
    ),
    "two leaders": job_of(
        group='task "u" {\n driver = "docker"\n leader = true\n }', task="leader = true # here"
    ),
    "lifecycle hook": job_of(
        group='task "u" {\n driver = "docker"\n lifecycle { hook = "poststrt" } # here\n }'
    ),
    "update of a batch job": job_of(job='type = "batch"\n update {} # here'),
    "periodic service": job_of(job='periodic { # here\n cron = "@daily"\n }'),
    "affinity of a system job": job_of(
        job='type = "system"\n affinity { # here\n attribute = "a"\n value = "b"\n }'
    ),
    "cron": job_of(job='type = "batch"\n periodic {\n crons = ["61 * * * *"] # here\n }'),
    "cron and crons": job_of(
        job='type = "batch"\n periodic {\n cron = "@daily"\n crons = ["@daily"] # here\n }'
    ),
    "time zone": job_of(
        job='type = "batch"\n periodic {\n cron = "@daily"\n time_zone = "Europe/Atlantis" # here\n }'
    ),
    "periodic without time": job_of(job='type = "batch"\n periodic {} # here'),
    "parameters overlap": job_of(
        job='type = "batch"\n parameterized {\n meta_required = ["a"]\n meta_optional = ["a"] # here\n }'
    ),
    "count of a system job": job_of(job='type = "system"', group="count = 2 # here"),
    "count outside scaling": job_of(group="count = 9 # here\n scaling {\n min = 1\n max = 3\n }"),
    "run duration of a service": job_of(group='max_run_duration = "1h" # here'),
    "restart mode": job_of(group='restart {\n mode = "never" # here\n }'),
    "restart attempts": job_of(
        group='restart {\n attempts = 10 # here\n interval = "1m"\n delay = "15s"\n }'
    ),
    "restart in mode delay": job_of(group='restart {\n attempts = 0 # here\n mode = "delay"\n }'),
    "restart interval": job_of(group='restart {\n attempts = 0\n interval = "1s" # here\n }'),
    "reschedule ambiguous": job_of(group="reschedule {\n attempts = 3 # here\n unlimited = true\n }"),
    "reschedule too often": job_of(
        job='type = "batch"',
        group='reschedule {\n attempts = 9 # here\n interval = "30s"\n delay = "5s"\n'
        ' delay_function = "constant"\n unlimited = false\n }',
    ),
    "update deadlines": job_of(job='update {\n min_healthy_time = "6m" # here\n }'),
    "auto promote": job_of(job="update {\n auto_promote = true # here\n }"),
    "disk for the logs": job_of(task="logs { # here\n max_files = 30\n max_file_size = 10\n }"),
    "cpu and cores": job_of(task="resources {\n cores = 1\n cpu = 100 # here\n }"),
    "too little memory for Nomad": job_of(task="resources {\n memory = 9 # here\n }"),
    "memory_max": job_of(task="resources {\n memory = 512\n memory_max = 256 # here\n }"),
    "kill_timeout": job_of(task='kill_timeout = "-1s" # here'),
    "long kill_timeout": job_of(task='kill_timeout = "1h" # here'),
    "artifact without source": job_of(task="artifact {} # here"),
    "artifact elsewhere": job_of(
        task='artifact {\n source = "https://h/x"\n destination = "../../../etc" # here\n }'
    ),
    "artifact mode": job_of(task='artifact {\n source = "https://h/x"\n mode = "files" # here\n }'),
    "short checksum": job_of(
        task='artifact {\n source = "https://h/x"\n options {\n checksum = "sha256:abcd" # here\n }\n }'
    ),
    "checksum without type": job_of(
        task='artifact {\n source = "https://h/x"\n options {\n checksum = "abcd" # here\n }\n }'
    ),
    "template without text": job_of(task='template { # here\n destination = "local/x"\n }'),
    "template without destination": job_of(task='template { # here\n data = "x"\n }'),
    "two templates for a file": job_of(
        task='template {\n data = "x"\n destination = "local/x"\n }\n'
        ' template {\n data = "y"\n destination = "local/x" # here\n }'
    ),
    "template permissions": job_of(
        task='template {\n data = "x"\n destination = "local/x"\n perms = "rw" # here\n }'
    ),
    "change mode": job_of(
        task='template {\n data = "x"\n destination = "local/x"\n change_mode = "reload" # here\n }'
    ),
    "script without script": job_of(
        task='template {\n data = "x"\n destination = "local/x"\n change_mode = "script" # here\n }'
    ),
    "payload elsewhere": job_of(
        job='type = "batch"\n parameterized {}', task='dispatch_payload {\n file = "../../../x" # here\n }'
    ),
    "volume without type": job_of(group='volume "v" { # here\n source = "x"\n }'),
    "unknown volume": job_of(
        group='volume "data" {\n type = "host"\n source = "x"\n }',
        task='volume_mount {\n volume = "date" # here\n destination = "/x"\n }',
    ),
    "constraint without value": job_of(job='constraint { # here\n attribute = "${attr.kernel.name}"\n }'),
    "constraint on the environment": job_of(
        job='constraint {\n attribute = "${env.HOME}" # here\n value = "x"\n }'
    ),
    "is_set with a value": job_of(
        job='constraint {\n attribute = "${attr.x}"\n operator = "is_set"\n value = "x" # here\n }'
    ),
    "distinct_hosts in a task": job_of(task="constraint {\n distinct_hosts = true # here\n }"),
    "distinct_property count": job_of(
        job='constraint {\n distinct_property = "${meta.r}"\n value = "two" # here\n }'
    ),
    "affinity without weight": job_of(
        job='affinity {\n attribute = "a"\n value = "b"\n weight = 0 # here\n }'
    ),
    "affinity operator": job_of(job='affinity {\n attribute = "a"\n operator = "is_set" # here\n }'),
    "spread over 100": job_of(
        job='spread { # here\n attribute = "a"\n target "x" { percent = 60 }\n target "y" { percent = 60 }\n}'
    ),
    "network mode": job_of(group='network {\n mode = "nat" # here\n }'),
    "host name": job_of(group='network {\n hostname = "a..b" # here\n }'),
    "dns server": job_of(group='network {\n dns {\n servers = ["ns1"] # here\n }\n }'),
    "port number": job_of(group='network {\n port "a" {\n static = 70000 # here\n }\n }'),
    "port label twice": job_of(group='network {\n port "a" {}\n port "a" {} # here\n }'),
    "static port twice": job_of(
        group='network {\n port "a" { static = 80 }\n port "b" { static = 80 } # here\n }'
    ),
    "provider": job_of(group='shutdown_delay = "1s"\n service {\n provider = "etcd" # here\n }'),
    "two providers": job_of(
        group='shutdown_delay = "1s"\n service {\n provider = "nomad"\n }',
        task='service {\n provider = "consul" # here\n }',
    ),
    "service name": job_of(
        group='shutdown_delay = "1s"\n service {\n provider = "nomad"\n name = "my_web" # here\n }'
    ),
    "group service by driver": job_of(
        group='shutdown_delay = "1s"\n service {\n provider = "nomad"\n address_mode = "driver" # here\n }'
    ),
    "unknown qemu key": job_of(config=f"{IMAGE}\n accelerater = true # here"),
    "qemu key of resources": job_of(config=f"{IMAGE}\n memory = 512 # here"),
    "args as a string": job_of(config=f'{IMAGE}\n args = "-smp 2" # here'),
    "image path as a list": job_of(config='image_path = ["x"] # here'),
    "flag as a list": job_of(config=f"{IMAGE}\n guest_agent = [true] # here"),
    "port_map without a list": "locals {\n m = { ssh = 22 }\n}\n"
    + job_of(config=f"{IMAGE}\n port_map = local.m # here"),
    "port_map of an unknown port": job_of(
        group='network {\n port "ssh" {}\n }', config=f"{IMAGE}\n port_map {{\n shh = 22 # here\n }}"
    ),
    "no image": job_of(config="").replace("config {", "config { # here"),
    "drive interface": job_of(config=f'{IMAGE}\n drive_interface = "nvme" # here'),
    "too little memory for QEMU": job_of(task="resources {\n memory = 64 # here\n }"),
}

CHECK = (
    'shutdown_delay = "1s"\n network {\n port "http" {}\n }\n'
    ' service {\n provider = "nomad"\n port = "http"\n'
)

CHECKS = {
    "type": f'{CHECK} check {{\n type = "grpc" # here\n interval = "5s"\n timeout = "1s"\n }}\n }}',
    "no type": f'{CHECK} check {{ # here\n interval = "5s"\n timeout = "1s"\n }}\n }}',
    "no interval": f'{CHECK} check {{ # here\n type = "tcp"\n timeout = "1s"\n }}\n }}',
    "short timeout": f'{CHECK} check {{\n type = "tcp"\n interval = "5s"\n timeout = "1ms" # here\n }}\n }}',
    "no path": f'{CHECK} check {{ # here\n type = "http"\n interval = "5s"\n timeout = "1s"\n }}\n }}',
    "whole URL": f'{CHECK} check {{\n type = "http"\n path = "http://x/" # here\n interval = "5s"\n'
    ' timeout = "1s"\n }\n }',
    "method": f'{CHECK} check {{\n type = "http"\n path = "/"\n method = "FETCH" # here\n interval = "5s"\n'
    ' timeout = "1s"\n }\n }',
    "of Consul": f'{CHECK} check {{\n type = "tcp"\n interval = "5s"\n timeout = "1s"\n'
    " success_before_passing = 2 # here\n }\n }",
    "no port": 'shutdown_delay = "1s"\n service {\n provider = "nomad"\n check { # here\n type = "tcp"\n'
    ' interval = "5s"\n timeout = "1s"\n }\n }',
    "initial status": f'{CHECK} check {{\n type = "tcp"\n interval = "5s"\n timeout = "1s"\n'
    ' initial_status = "ok" # here\n }\n }',
}

TABLES = {
    "decode": DECODE,
    "dynamic": DYNAMIC,
    "variables": VARIABLES,
    "rules": RULES,
    "checks": {name: job_of(group=text) for name, text in CHECKS.items()},
}
CASES = [(table, name) for table, cases in TABLES.items() for name in cases]


@pytest.mark.parametrize(("table", "name"), CASES, ids=lambda value: value)
def test_the_mistake_is_told_on_its_line_and_nowhere_else(table, name):
    text = TABLES[table][name]
    marked = {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# here")}
    found = load_text(text).mistakes
    assert marked
    assert {item.span.first.line for item in found} == marked


@pytest.mark.parametrize("table", TABLES)
def test_the_words(table, golden):
    blocks = []
    for name, text in TABLES[table].items():
        found = load_text(text).mistakes
        blocks.append("\n".join([f"# {name}", *map(shown, found)]))
    golden(f"{table}.txt", "\n\n".join(blocks) + "\n")
