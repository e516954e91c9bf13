"""Groups and the job itself, as data.

Source: Nomad's job specification and API package (`jobs.go`, `tasks.go`), version 2.0.
"""

from qemu_run.jobspec.schema.service import SERVICE
from qemu_run.jobspec.schema.shared import (
    CONDITIONS,
    CONSUL,
    GROUP_SCALING,
    MIGRATE,
    NETWORK,
    RESCHEDULE,
    RESTART,
    SECRET,
    SPREAD,
    UPDATE,
    VAULT,
)
from qemu_run.jobspec.schema.task import TASK
from qemu_run.jobspec.schema.words import (
    Fixed,
    Map,
    Nested,
    Repeat,
    Schema,
    boolean,
    many,
    maybe_boolean,
    maybe_duration,
    maybe_integer,
    maybe_string,
    string,
    strings,
)

MOUNT_OPTIONS = Schema("mount_options", (string("fs_type", "FSType"), strings("mount_flags", "MountFlags")))

VOLUME = Schema(
    "volume",
    (
        string("type", "Type"),
        string("source", "Source"),
        boolean("read_only", "ReadOnly"),
        boolean("sticky", "Sticky"),
        string("access_mode", "AccessMode"),
        string("attachment_mode", "AttachmentMode"),
        Nested("mount_options", "MountOptions", MOUNT_OPTIONS),
        boolean("per_alloc", "PerAlloc"),
    ),
    label="Name",
)

DISCONNECT = Schema(
    "disconnect",
    (
        maybe_duration("lost_after", "LostAfter"),
        maybe_duration("stop_on_client_after", "StopOnClientAfter"),
        maybe_boolean("replace", "Replace"),
        maybe_string("reconcile", "Reconcile"),
    ),
)

EPHEMERAL_DISK = Schema(
    "ephemeral_disk",
    (maybe_boolean("sticky", "Sticky"), maybe_boolean("migrate", "Migrate"), maybe_integer("size", "SizeMB")),
)

GROUP = Schema(
    "group",
    (
        maybe_integer("count", "Count"),
        *CONDITIONS,
        many("task", "Tasks", TASK),
        many("spread", "Spreads", SPREAD),
        Nested("volume", "Volumes", VOLUME, Repeat.BY_LABEL),
        Nested("restart", "RestartPolicy", RESTART),
        Nested("disconnect", "Disconnect", DISCONNECT),
        Nested("reschedule", "ReschedulePolicy", RESCHEDULE),
        Nested("ephemeral_disk", "EphemeralDisk", EPHEMERAL_DISK),
        Nested("update", "Update", UPDATE),
        Nested("migrate", "Migrate", MIGRATE),
        many("network", "Networks", NETWORK),
        Map("meta", "Meta", or_attribute=True),
        many("service", "Services", SERVICE),
        maybe_duration("shutdown_delay", "ShutdownDelay"),
        maybe_duration("max_run_duration", "MaxRunDuration"),
        maybe_duration("stop_after_client_disconnect", "StopAfterClientDisconnect"),
        maybe_duration("max_client_disconnect", "MaxClientDisconnect"),
        Nested("scaling", "Scaling", GROUP_SCALING),
        Nested("consul", "Consul", CONSUL),
        maybe_boolean("prevent_reschedule_on_lost", "PreventRescheduleOnLost"),
        Nested("vault", "Vault", VAULT),
        many("secret", "Secrets", SECRET),
    ),
    label="Name",
    extras=frozenset({"Vault", "Secrets"}),
)

MULTIREGION = Schema(
    "multiregion",
    (
        Nested(
            "strategy",
            "Strategy",
            Schema(
                "strategy",
                (maybe_integer("max_parallel", "MaxParallel"), maybe_string("on_failure", "OnFailure")),
            ),
        ),
        many(
            "region",
            "Regions",
            Schema(
                "region",
                (
                    maybe_integer("count", "Count"),
                    strings("datacenters", "Datacenters"),
                    string("node_pool", "NodePool"),
                    Map("meta", "Meta"),
                ),
                label="Name",
            ),
        ),
    ),
)

PERIODIC = Schema(
    "periodic",
    (
        maybe_boolean("enabled", "Enabled"),
        maybe_string("cron", "Spec"),
        strings("crons", "Specs"),
        Fixed("SpecType"),
        maybe_boolean("prohibit_overlap", "ProhibitOverlap"),
        maybe_string("time_zone", "TimeZone"),
    ),
)

PARAMETERIZED = Schema(
    "parameterized",
    (
        string("payload", "Payload"),
        strings("meta_required", "MetaRequired"),
        strings("meta_optional", "MetaOptional"),
    ),
)

UI = Schema(
    "ui",
    (
        string("description", "Description"),
        many("link", "Links", Schema("link", (string("label", "Label"), string("url", "URL")))),
    ),
)

SERVER_FIELDS = (
    Fixed("Stop"),
    Fixed("ParentID"),
    Fixed("Dispatched", value=False),
    *(
        Fixed(field)
        for field in (
            "DispatchIdempotencyToken",
            "Payload",
            "ConsulNamespace",
            "VaultNamespace",
            "NomadTokenID",
            "Status",
            "StatusDescription",
            "Stable",
            "Version",
            "SubmitTime",
            "CreateIndex",
            "ModifyIndex",
            "JobModifyIndex",
            "VersionTag",
        )
    ),
)
"""What a server notes about a job and a job file cannot say."""

JOB = Schema(
    "job",
    (
        maybe_string("region", "Region"),
        maybe_string("namespace", "Namespace"),
        maybe_string("id", "ID"),
        maybe_string("name", "Name"),
        maybe_string("type", "Type"),
        maybe_integer("priority", "Priority"),
        maybe_boolean("all_at_once", "AllAtOnce"),
        strings("datacenters", "Datacenters"),
        maybe_string("node_pool", "NodePool"),
        *CONDITIONS,
        many("group", "TaskGroups", GROUP),
        Nested("update", "Update", UPDATE),
        Nested("multiregion", "Multiregion", MULTIREGION),
        many("spread", "Spreads", SPREAD),
        Nested("periodic", "Periodic", PERIODIC),
        Nested("parameterized", "ParameterizedJob", PARAMETERIZED),
        Nested("reschedule", "Reschedule", RESCHEDULE),
        Nested("migrate", "Migrate", MIGRATE),
        Map("meta", "Meta", or_attribute=True),
        Nested("ui", "UI", UI),
        *SERVER_FIELDS,
        Nested("vault", "Vault", VAULT),
        many("secret", "Secrets", SECRET),
        many("task", "Tasks", TASK),
    ),
    label="",
    extras=frozenset({"Vault", "Secrets", "Tasks"}),
)
