"""Nomad's spelling of options, rewritten to ours before anything else reads them.

Source: Nomad's command line: flags take one dash, `-var k=v` or `-var=k=v`; booleans take `=false`.
"""

from collections.abc import Sequence

from qemu_run.errors import Diagnostic
from qemu_run.golang.text import FALSE_WORDS

_SAME_WITH_ONE_DASH = frozenset({"-var-file", "-meta", "-hcl2-strict", "-help", "-version"})
_SWITCHES = {
    "-json": ("--json-job", None),
    "-hcl2-strict": ("--hcl2-strict", "--no-hcl2-strict"),
    "--hcl2-strict": ("--hcl2-strict", "--no-hcl2-strict"),
}
"""Ours that Nomad gives a value, with what says no."""

_ONLY_A_CLUSTER = frozenset(
    {
        *("address", "namespace", "region", "token", "tls-server-name", "tls-skip-verify"),
        *("ca-cert", "ca-path", "client-cert", "client-key", "no-color", "force-color"),
        *("detach", "verbose", "monitor", "evals", "check-index", "policy-override", "diff", "force"),
        *("preserve-counts", "preserve-resources", "eval-priority", "hcl1"),
        *("consul-token", "consul-namespace", "vault-token", "vault-namespace"),
    }
)
"""Flags of `nomad job run`, `plan` and `validate` that mean nothing without a cluster."""


def our_spelling(arguments: Sequence[str]) -> tuple[list[str], list[Diagnostic]]:
    """`arguments` as our own parser takes them, and a warning for what Nomad takes and ignores."""
    rewritten: list[str] = []
    warnings: list[Diagnostic] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            return [*rewritten, word, *words], warnings
        name, equals, value = word.partition("=")
        if name != "-var":
            rewritten += _rewritten(word)
            continue
        assignment = value if equals else next(words, None)
        if assignment is None:
            rewritten.append("--var")
        elif "=" in assignment:
            rewritten.append(f"--var={assignment}")
        else:
            warnings.append(_meaningless(assignment))
    return rewritten, warnings


def _rewritten(word: str) -> list[str]:
    name, equals, value = word.partition("=")
    if name in _SWITCHES and (equals or name == "-json"):
        yes, no = _SWITCHES[name]
        said = no if value in FALSE_WORDS else yes
        return [said] if said else []
    return [f"-{word}"] if name in _SAME_WITH_ONE_DASH else [word]


def _meaningless(word: str) -> Diagnostic:
    """Nomad's parser of `-var` leaves out what has no `=`, without a word."""
    hint = f"write -var {word or 'NAME'}=VALUE"
    return Diagnostic(f"-var {word} sets nothing, as on Nomad", hints=(hint,), severity="warning")


def why_not(option: str) -> str | None:
    """What to do instead of a flag that only `nomad job run` has; None for all others."""
    name = option.lstrip("-")
    if name == "output":
        return "qemu-run inspect JOB prints the job as nomad job run -output does"
    return f"-{name} is for a cluster: leave it out" if name in _ONLY_A_CLUSTER else None
