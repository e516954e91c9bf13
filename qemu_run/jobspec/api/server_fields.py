"""What Nomad's API form can hold and a job file cannot set: fields of the schema that are `Fixed`, by type.

Source: Nomad's API package (`jobs.go`, `scaling.go`, `tasks.go`), version 2.0.
"""

from collections.abc import Mapping

from qemu_run.jobspec.schema.shared import IDENTITY
from qemu_run.jobspec.schema.words import (
    Attribute,
    Field,
    Kind,
    Nested,
    Schema,
    boolean,
    integer,
    maybe_string,
    string,
)

VERSION_TAG = Schema(
    "version_tag",
    (string("name", "Name"), string("description", "Description"), integer("tagged_time", "TaggedTime")),
)

_UNSIGNED = {name: integer("", name, minimum=0, maximum=2**64 - 1) for name in ("CreateIndex", "ModifyIndex")}

SERVER_FIELDS: Mapping[str, Mapping[str, Field]] = {
    "job": {
        **_UNSIGNED,
        **{name: integer("", name, minimum=0, maximum=2**64 - 1) for name in ("Version", "JobModifyIndex")},
        **{name: boolean("", name) for name in ("Stop", "Dispatched", "Stable")},
        **{
            name: maybe_string("", name)
            for name in (
                *("ParentID", "DispatchIdempotencyToken", "Payload", "ConsulNamespace", "VaultNamespace"),
                *("NomadTokenID", "Status", "StatusDescription"),
            )
        },
        "SubmitTime": integer("", "SubmitTime"),
        "VersionTag": Nested("", "VersionTag", VERSION_TAG),
    },
    "scaling": {
        **_UNSIGNED,
        "ID": string("", "ID"),
        "Namespace": string("", "Namespace"),
        "Target": Attribute("", "Target", Kind.STRING_MAP),
    },
    "periodic": {"SpecType": maybe_string("", "SpecType")},
    "task": {"Identity": Nested("", "Identity", IDENTITY)},
}
"""By the schema's name and the field's: how it is read."""
