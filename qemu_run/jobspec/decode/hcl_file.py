"""A job file in HCL or HCL-JSON to Nomad's API form: variables, locals, the job.

Source: Nomad's `jobspec2` package (`parse.go`, `types.config.go`), version 2.0, for the order of the steps.
"""

from collections.abc import Mapping

from qemu_run.errors import Diagnostics, did_you_mean
from qemu_run.expressions.scope import Scope
from qemu_run.expressions.values import ExpressionError
from qemu_run.jobspec.api.objects import Object
from qemu_run.jobspec.decode.blocks import Decoder, Written
from qemu_run.jobspec.gaps import Gaps
from qemu_run.jobspec.model import Places
from qemu_run.jobspec.schema.job import JOB
from qemu_run.jobspec.variables.assignment import Variables
from qemu_run.jobspec.variables.declarations import declare
from qemu_run.jobspec.variables.inputs import Inputs
from qemu_run.jobspec.variables.locals import collect, evaluate_locals
from qemu_run.jobspec.variables.scopes import Scopes
from qemu_run.jobspec.wording import first_is
from qemu_run.source import Source
from qemu_run.syntax.json_body import with_blocks
from qemu_run.syntax.nodes import Block, Body
from qemu_run.syntax.parse import parse

TOP_LEVEL: Mapping[str, int] = {"job": 1, "variable": 1, "variables": 0, "locals": 0}
"""The blocks of a file, and how many labels each has."""

OF_TERRAFORM: Mapping[str, str] = {
    "provider": "a job file runs without providers; this looks like a Terraform file",
    "resource": "a job file has no resources; this looks like a Terraform file",
    "terraform": "this looks like a Terraform file",
    "output": "a job file has no outputs; this looks like a Terraform file",
    "data": "a job file has no data sources; this looks like a Terraform file",
    "module": "a job file has no modules; this looks like a Terraform file",
}
"""Blocks of another tool, and what to say of them."""


def read_file(
    source: Source, inputs: Inputs, gaps: Gaps, diagnostics: Diagnostics
) -> tuple[Object, Places] | None:
    """The API form of the one job in a file, and where its values are; None without a job to speak of.

    What mistakes leave out of it is noted in `gaps`.
    """
    body = parse(source, diagnostics)
    if body is None or diagnostics.errors:
        return None
    body = with_blocks(body, TOP_LEVEL, diagnostics)
    scopes = Scopes(may_read_files=inputs.may_read_files)
    _top_level(body, diagnostics)
    variables = Variables(declare(body, scopes.constant(), diagnostics), scopes, diagnostics, inputs.strict)
    variables.from_environment(inputs.environment)
    variables.from_files(inputs.files)
    variables.from_command_line(inputs.assignments)
    values = variables.values()
    local = evaluate_locals(collect(body, diagnostics), values, scopes, diagnostics)
    job = _the_job(source, body, diagnostics)
    if job is None:
        return None
    try:
        scope = scopes.of_file(values, local)
    except ExpressionError as error:
        diagnostics.error(str(error), source.whole, "all variables and local values together")
        return None
    return _decode(job, scope, gaps, diagnostics)


def _decode(job: Block, scope: Scope, gaps: Gaps, diagnostics: Diagnostics) -> tuple[Object, Places]:
    decoder = Decoder(gaps, diagnostics)
    api = decoder.block(Written(job, scope), JOB)
    return api, decoder.noted.paths(api)


def _top_level(body: Body, diagnostics: Diagnostics) -> None:
    for attribute in body.attributes:
        hint = (
            'job files begin with job "name" { ... }'
            if attribute.name not in TOP_LEVEL
            else f"write {attribute.name} {{ ... }}"
        )
        diagnostics.error(
            f'"{attribute.name}" cannot stand outside the job',
            attribute.name_span,
            "not in a block",
            hints=(hint,),
        )
    for block in body.blocks:
        if block.type not in TOP_LEVEL:
            hint = OF_TERRAFORM.get(block.type) or did_you_mean(block.type, list(TOP_LEVEL))
            diagnostics.error(
                f'a job file has no block "{block.type}"',
                block.header,
                f"known: {', '.join(TOP_LEVEL)}",
                hints=(hint,) if hint else (),
            )
        elif TOP_LEVEL[block.type] and not block.labels:
            diagnostics.error(
                f"a {block.type} block without a name",
                block.header,
                "a name is required",
                hints=(f'write {block.type} "name" {{ ... }}',),
            )
        else:
            for extra in block.labels[TOP_LEVEL[block.type] :]:
                diagnostics.error(f"{block.type} has a name too many", extra.span, "leave it out")


def _the_job(source: Source, body: Body, diagnostics: Diagnostics) -> Block | None:
    jobs = [block for block in body.blocks if block.type == "job"]
    for again in jobs[1:]:
        diagnostics.error(
            "a second job in the file",
            again.header,
            first_is(jobs[0].header, again.header),
            hints=("a file holds one job; put the other one into a file of its own",),
        )
    if not jobs and any(did_you_mean(block.type, ["job"]) for block in body.blocks):
        return None  # misspelt, of which was told
    if not jobs:
        diagnostics.error(
            "the file has no job", source.whole, "no job block", hints=('add a job "name" { ... } block',)
        )
        return None
    return jobs[0]
