"""Locals may use each other in any order, and never themselves."""

import pytest

from tests.jobspec.answers import job_of, load_text

CYCLES = {
    "itself": ("a = local.a", "a -> a"),
    "two": ("a = local.b\nb = local.a", "a -> b -> a"),
    "three, and one that leads there": (
        "start = local.a\na = local.b\nb = local.c\nc = local.a",
        "a -> b -> c -> a",
    ),
    "in a template": ('a = "x${local.b}"\nb = [local.a]', "a -> b -> a"),
    "in a for expression": ("a = [for x in local.b : x]\nb = { k = local.a }", "a -> b -> a"),
}


def meta(body: str, value: str):
    loaded = load_text(f"locals {{\n{body}\n}}\n" + job_of(job=f"meta {{ m = {value} }}"))
    assert not loaded.errors
    return loaded.job.api["Meta"]["m"]


@pytest.mark.parametrize(("body", "cycle"), CYCLES.values(), ids=CYCLES)
def test_a_cycle_is_named(body, cycle):
    errors = load_text(f"locals {{\n{body}\n}}\n" + job_of()).errors
    assert len(errors) == 1
    assert cycle in " ".join([errors[0].summary, errors[0].label, errors[0].detail, *errors[0].hints])


def test_the_order_of_locals_does_not_matter():
    assert meta('c = "${local.b}c"\nb = "${local.a}b"\na = "a"', "local.c") == "abc"


def test_locals_may_stand_in_several_blocks():
    assert meta('a = "${local.b}!"\n}\nlocals {\nb = "x"', "local.a") == "x!"


def test_a_long_chain_of_locals_is_followed():
    body = "\n".join(f"l{n} = local.l{n + 1}" for n in range(2_000)) + '\nl2000 = "end"'
    assert meta(body, "local.l0") == "end"


def test_a_name_bound_by_for_is_no_local():
    assert meta('a = join(",", [for local in ["x"] : local])', "local.a") == "x"


def test_what_a_wrong_local_leads_to_is_not_told():
    loaded = load_text("locals {\na = var.none\nb = local.a\n}\n" + job_of(job='meta { m = "${local.b}" }'))
    assert len(loaded.errors) == 1


DOUBLED = [
    "[local.l{0}, local.l{0}]",
    "true ? [local.l{0}, local.l{0}] : []",
    "{{ a = local.l{0}, b = local.l{0} }}",
]


@pytest.mark.parametrize("twice", DOUBLED)
def test_a_value_doubled_by_sixty_locals_is_refused(twice):
    lines = "\n".join(f"  l{step + 1} = {twice.format(step)}" for step in range(60))
    first = load_text(f'locals {{\n  l0 = [1]\n{lines}\n}}\njob "a" {{\n  region = local.l60\n}}\n').errors[0]
    assert "more than 1,000,000 elements" in first.summary or "more than 500,000 steps" in first.summary
    assert first.span.first.line < 62


MILLION = """
locals {
  n = range(1000)
}
job "a" {
  dynamic "group" {
    for_each = local.n
    labels   = ["g${group.value}"]
    content {
      dynamic "task" {
        for_each = local.n
        labels   = ["t${task.value}"]
        content {}
      }
    }
  }
}
"""


def test_dynamic_blocks_in_dynamic_blocks_are_refused_at_a_count():
    assert [error.summary for error in load_text(MILLION, checked=False).errors] == [
        "the dynamic blocks of this file make more than 25,000 blocks and attributes"
    ]
