"""Functions that are known and not to be had here, each with its reason.

Source: consul-template's and sprig's lists of functions, and Nomad's `function_denylist`.
"""

from collections.abc import Mapping

_CONSUL = "it asks Consul, and there is no Consul here"
_VAULT = "it asks Vault, and there is no Vault here"
_NOMAD = "it asks Nomad's servers, and there are none here"
_DENIED = "Nomad's clients refuse it too: it does more than make text"
_KEYS = "it makes keys or encrypts; a template here makes the same text each time"
_RANDOM = "it gives another text each time; a template here makes the same text each time"
_HOST = "it reads the host's network or memory"

REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            *("datacenters", "exportedServices", "key", "keyExists", "keyOrDefault", "ls", "safeLs", "node"),
            *("nodes", "partitions", "peerings", "service", "connect", "services", "tree", "safeTree"),
            *("caRoots", "caLeaf", "byKey", "byTag", "byPort", "byMeta", "explode"),
        ),
        _CONSUL,
    ),
    **dict.fromkeys(("secret", "secrets", "pkiCert"), _VAULT),
    **dict.fromkeys(
        (
            *("nomadServices", "nomadService", "nomadVar", "nomadVarList", "nomadVarListSafe"),
            "nomadVarExists",
        ),
        _NOMAD,
    ),
    **dict.fromkeys(("executeTemplate", "plugin", "writeToFile"), _DENIED),
    **dict.fromkeys(("sockaddr", "spew_dump", "spew_printf", "spew_sdump", "spew_sprintf"), _HOST),
    **dict.fromkeys(
        (
            *("sprig_bcrypt", "sprig_buildCustomCert", "sprig_decryptAES", "sprig_derivePassword"),
            *("sprig_encryptAES", "sprig_genCA", "sprig_genCAWithKey", "sprig_genPrivateKey"),
            *("sprig_genSelfSignedCert", "sprig_genSelfSignedCertWithKey", "sprig_genSignedCert"),
            *("sprig_genSignedCertWithKey", "sprig_htpasswd"),
        ),
        _KEYS,
    ),
    **dict.fromkeys(("sprig_randInt", "sprig_shuffle"), _RANDOM),
    **dict.fromkeys(("sprig_semver", "sprig_semverCompare"), "it compares versions, which constraints do"),
    **dict.fromkeys(
        (
            *("sprig_env", "sprig_expandenv", "sprig_now", "sprig_date", "sprig_dateInZone"),
            *("sprig_dateModify", "sprig_date_in_zone", "sprig_date_modify", "sprig_getHostByName"),
            *("sprig_htmlDate", "sprig_htmlDateInZone", "sprig_randAlpha", "sprig_randAlphaNum"),
            *("sprig_randAscii", "sprig_randBytes", "sprig_randNumeric", "sprig_uuidv4"),
        ),
        "consul-template leaves it out: it depends on more than its arguments",
    ),
}
"""By name: why not."""
_OF_SERVERS = frozenset({_CONSUL, _VAULT, _NOMAD})
INSTEAD: Mapping[str, str] = {
    **{
        name: '{{ env "NAME" }} reads the env block of the task, which may use a variable of the job'
        for name, reason in REFUSED.items()
        if reason in _OF_SERVERS
    },
    "sprig_env": "env reads the task's variables",
    "sprig_now": "timestamp tells the time",
    "sprig_date": 'timestamp "2006-01-02" tells the date',
    "executeTemplate": '{{ template "name" . }} does the same',
    "nomadService": "env reads the addresses of the task's own ports",
}
"""What to write instead, where there is something."""
