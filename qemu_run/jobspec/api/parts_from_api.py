"""The parts of groups and tasks, from canonical API form to the model."""

from collections.abc import Mapping

from qemu_run.jobspec.api.view import Part, texts
from qemu_run.jobspec.model import (
    Artifact,
    Check,
    CheckRestart,
    Constraint,
    Lifecycle,
    LogConfig,
    Network,
    Port,
    Resources,
    RestartPolicy,
    Service,
    Template,
    VolumeMount,
)


def constraints(owner: Part, name: str) -> tuple[Constraint, ...]:
    """The constraints or affinities of a job, group or task."""
    return tuple(
        Constraint(
            **part.whereabouts,
            ltarget=part.text("LTarget"),
            operand=part.text("Operand"),
            rtarget=part.text("RTarget"),
            weight=part.integer("Weight"),
        )
        for part in owner.parts(name)
    )


def networks(owner: Part) -> tuple[Network, ...]:
    """The networks of a group, or of a task's resources."""
    return tuple(_network(part) for part in owner.parts("Networks"))


def _network(part: Part) -> Network:
    dns = part.inner("DNS")
    ports = [_port(port) for name in ("ReservedPorts", "DynamicPorts") for port in part.parts(name)]
    ports.sort(key=lambda port: span.start if (span := port.at()) else 0)
    return Network(
        **part.whereabouts,
        mode=part.text("Mode"),
        ports=tuple(ports),
        hostname=part.text("Hostname"),
        dns_servers=dns.texts("Servers"),
        dns_searches=dns.texts("Searches"),
        dns_options=dns.texts("Options"),
    )


def _port(part: Part) -> Port:
    return Port(
        **part.whereabouts,
        label=part.text("Label"),
        static=part.integer("Value"),
        to=part.integer("To"),
        host_network=part.text("HostNetwork"),
        ignore_collision=part.flag("IgnoreCollision"),
    )


def services(owner: Part) -> tuple[Service, ...]:
    """The services of a group or task."""
    return tuple(
        Service(
            **part.whereabouts,
            name=part.text("Name"),
            provider=part.text("Provider"),
            port=part.text("PortLabel"),
            address_mode=part.text("AddressMode"),
            address=part.text("Address"),
            tags=part.texts("Tags"),
            meta=part.strings("Meta"),
            on_update=part.text("OnUpdate"),
            task=part.text("TaskName"),
            checks=tuple(_check(check) for check in part.parts("Checks")),
        )
        for part in owner.parts("Services")
    )


def _check(part: Part) -> Check:
    headers = part.value.get("Header")
    return Check(
        **part.whereabouts,
        name=part.text("Name"),
        type=part.text("Type"),
        port=part.text("PortLabel"),
        path=part.text("Path"),
        method=part.text("Method"),
        protocol=part.text("Protocol"),
        body=part.text("Body"),
        headers={key: texts(value) for key, value in headers.items()} if isinstance(headers, Mapping) else {},
        tls_skip_verify=part.flag("TLSSkipVerify"),
        address_mode=part.text("AddressMode"),
        initial_status=part.text("InitialStatus"),
        on_update=part.text("OnUpdate"),
        task=part.text("TaskName"),
        interval=part.duration("Interval"),
        timeout=part.duration("Timeout"),
        restart=_check_restart(part.part("CheckRestart")),
    )


def _check_restart(part: Part | None) -> CheckRestart | None:
    if part is None:
        return None
    return CheckRestart(
        **part.whereabouts,
        limit=part.integer("Limit"),
        grace=part.duration("Grace"),
        ignore_warnings=part.flag("IgnoreWarnings"),
    )


def resources(part: Part) -> Resources:
    """What a task asks of the host."""
    return Resources(
        **part.whereabouts,
        cpu_mhz=part.integer("CPU"),
        cores=part.integer("Cores"),
        memory_mb=part.integer("MemoryMB"),
        memory_max_mb=part.integer("MemoryMaxMB"),
        secrets_mb=part.integer("SecretsMB"),
        networks=networks(part),
    )


def restart_policy(part: Part) -> RestartPolicy:
    """A task's restart policy, merged over its group's and the default of its job type."""
    return RestartPolicy(
        **part.whereabouts,
        attempts=part.integer("Attempts"),
        interval=part.duration("Interval"),
        delay=part.duration("Delay"),
        mode=part.text("Mode"),
        render_templates=part.flag("RenderTemplates"),
        is_written=part.location in part.places or (*part.location[:2], part.location[-1]) in part.places,
    )


def artifact(part: Part) -> Artifact:
    """Something to fetch."""
    return Artifact(
        **part.whereabouts,
        source=part.text("GetterSource"),
        destination=part.text("RelativeDest"),
        mode=part.text("GetterMode"),
        options=part.strings("GetterOptions"),
        headers=part.strings("GetterHeaders"),
        insecure=part.flag("GetterInsecure"),
        chown=part.flag("Chown"),
    )


def template(part: Part) -> Template:
    """A file to render."""
    return Template(
        **part.whereabouts,
        source=part.text("SourcePath"),
        data=part.text("EmbeddedTmpl"),
        destination=part.text("DestPath"),
        perms=part.text("Perms"),
        left_delimiter=part.text("LeftDelim"),
        right_delimiter=part.text("RightDelim"),
        env=part.flag("Envvars"),
        change_mode=part.text("ChangeMode"),
        change_signal=part.text("ChangeSignal"),
        splay=part.duration("Splay"),
        once=part.flag("Once"),
        error_on_missing_key=part.flag("ErrMissingKey"),
        uid=part.maybe_integer("Uid"),
        gid=part.maybe_integer("Gid"),
    )


def volume_mount(part: Part) -> VolumeMount:
    """A volume in a task."""
    return VolumeMount(
        **part.whereabouts,
        volume=part.text("Volume"),
        destination=part.text("Destination"),
        read_only=part.flag("ReadOnly"),
        propagation_mode=part.text("PropagationMode"),
    )


def lifecycle(part: Part | None) -> Lifecycle | None:
    """When a task runs."""
    if part is None:
        return None
    return Lifecycle(**part.whereabouts, hook=part.text("Hook"), sidecar=part.flag("Sidecar"))


def log_config(part: Part) -> LogConfig:
    """How much output is kept."""
    return LogConfig(
        **part.whereabouts,
        max_files=part.integer("MaxFiles"),
        max_file_size_mb=part.integer("MaxFileSizeMB"),
        disabled=part.flag("Disabled"),
    )
