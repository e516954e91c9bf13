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
    Honoured,
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
        string("type", "Type", choices=("host", "csi"), called="volume type"),
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
        maybe_duration("lost_after", "LostAfter", at_least=0),
        maybe_duration("stop_on_client_after", "StopOnClientAfter", at_least=0),
        maybe_boolean("replace", "Replace"),
        maybe_string(
            "reconcile",
            "Reconcile",
            choices=("best_score", "keep_original", "keep_replacement", "longest_running"),
            called="way to reconcile",
        ),
    ),
)

EPHEMERAL_DISK = Schema(
    "ephemeral_disk",
    (
        maybe_boolean("sticky", "Sticky", honoured=Honoured.CLUSTER),
        maybe_boolean("migrate", "Migrate", honoured=Honoured.CLUSTER),
        maybe_integer("size", "SizeMB", unit="MB", at_least=10),
    ),
)

GROUP = Schema(
    "group",
    (
        maybe_integer("count", "Count", at_least=0),
        *CONDITIONS,
        many("task", "Tasks", TASK),
        many("spread", "Spreads", SPREAD, honoured=Honoured.CLUSTER),
        Nested("volume", "Volumes", VOLUME, Repeat.BY_LABEL, honoured=Honoured.DRIVER),
        Nested("restart", "RestartPolicy", RESTART),
        Nested("disconnect", "Disconnect", DISCONNECT, honoured=Honoured.CLUSTER),
        Nested("reschedule", "ReschedulePolicy", RESCHEDULE, honoured=Honoured.CLUSTER),
        Nested("ephemeral_disk", "EphemeralDisk", EPHEMERAL_DISK),
        Nested("update", "Update", UPDATE, honoured=Honoured.CLUSTER),
        Nested("migrate", "Migrate", MIGRATE, honoured=Honoured.CLUSTER),
        many("network", "Networks", NETWORK),
        Map("meta", "Meta", or_attribute=True),
        many("service", "Services", SERVICE, honoured=Honoured.NOT_YET),
        maybe_duration("shutdown_delay", "ShutdownDelay", at_least=0),
        maybe_duration("max_run_duration", "MaxRunDuration", at_least=1),
        maybe_duration("stop_after_client_disconnect", "StopAfterClientDisconnect", honoured=Honoured.UNSAID),
        maybe_duration("max_client_disconnect", "MaxClientDisconnect", honoured=Honoured.UNSAID),
        Nested("scaling", "Scaling", GROUP_SCALING, honoured=Honoured.CLUSTER),
        Nested("consul", "Consul", CONSUL, honoured=Honoured.CONSUL),
        maybe_boolean("prevent_reschedule_on_lost", "PreventRescheduleOnLost", honoured=Honoured.UNSAID),
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
        string("payload", "Payload", choices=("optional", "required", "forbidden"), called="kind of payload"),
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
        maybe_string("type", "Type", choices=("service", "batch", "system", "sysbatch"), called="job type"),
        maybe_integer("priority", "Priority", at_least=1, at_most=100, honoured=Honoured.UNSAID),
        maybe_boolean("all_at_once", "AllAtOnce", honoured=Honoured.CLUSTER),
        strings("datacenters", "Datacenters", honoured=Honoured.UNSAID),
        maybe_string("node_pool", "NodePool", honoured=Honoured.UNSAID),
        *CONDITIONS,
        many("group", "TaskGroups", GROUP),
        Nested("update", "Update", UPDATE, honoured=Honoured.CLUSTER),
        Nested("multiregion", "Multiregion", MULTIREGION, honoured=Honoured.CLUSTER),
        many("spread", "Spreads", SPREAD, honoured=Honoured.CLUSTER),
        Nested("periodic", "Periodic", PERIODIC, honoured=Honoured.ONCE),
        Nested("parameterized", "ParameterizedJob", PARAMETERIZED, honoured=Honoured.ONCE),
        Nested("reschedule", "Reschedule", RESCHEDULE, honoured=Honoured.CLUSTER),
        Nested("migrate", "Migrate", MIGRATE, honoured=Honoured.CLUSTER),
        Map("meta", "Meta", or_attribute=True),
        Nested("ui", "UI", UI, honoured=Honoured.SERVER),
        *SERVER_FIELDS,
        Nested("vault", "Vault", VAULT),
        many("secret", "Secrets", SECRET),
        many("task", "Tasks", TASK),
    ),
    label="",
    extras=frozenset({"Vault", "Secrets", "Tasks"}),
)
