"""Versions and their constraints, and what is said about those that are none."""

import re

import pytest

from qemu_run.golang.versions import (
    parse_int64,
    parse_semver,
    parse_semver_constraint,
    parse_version,
    parse_version_constraint,
)


@pytest.mark.parametrize(
    ("text", "segments", "prerelease"),
    [
        ("1", (1, 0, 0), ""),
        ("v1.2", (1, 2, 0), ""),
        ("007.2", (7, 2, 0), ""),
        ("1.2.3.4.5", (1, 2, 3, 4, 5), ""),
        ("6.1.0-18-amd64", (6, 1, 0), "18-amd64"),
        ("1.2.3beta", (1, 2, 3), "beta"),
        ("1.2.3-beta.1+build.7", (1, 2, 3), "beta.1"),
        ("1.2.3+ent", (1, 2, 3), ""),
        ("1.2.3-", (1, 2, 3), "-"),
        ("1.2~rc1", (1, 2, 0), "~rc1"),
    ],
)
def test_versions_are_read_leniently(text, segments, prerelease):
    version = parse_version(text)
    assert (version.segments, version.prerelease) == (segments, prerelease)


@pytest.mark.parametrize(
    "text", ["", "latest", "1.", "1..2", " 1", "1\n", "1.2.3+", "V1", "1,2", "\u0661", "1" * 20, "1" * 5000]
)
def test_what_is_no_version_is_said(text):
    with pytest.raises(ValueError, match=r"is not a version|too large"):
        parse_version(text)


def test_a_strict_version_needs_its_dash():
    assert parse_semver("1.2.3-beta").prerelease == "beta"
    with pytest.raises(ValueError, match="is not a version"):
        parse_semver("1.2.3beta")


@pytest.mark.parametrize(
    ("left", "right", "order"),
    [
        ("1.2", "1.2.0.0", 0),
        ("1.10", "1.9", 1),
        ("1.0.0-alpha", "1.0.0", -1),
        ("1.0.0-alpha", "1.0.0-alpha.1", -1),
        ("1.0.0-alpha.1", "1.0.0-alpha", 1),
        ("1.0.0-alpha", "1.0.0-alpha.beta", 1),
        ("1.0.0-alpha.beta", "1.0.0-alpha", -1),
        ("1.0.0-2", "1.0.0-11", -1),
        ("1.0.0-2", "1.0.0-a", -1),
        ("1.0.0-b", "1.0.0-2", 1),
        ("1.0.0-a", "1.0.0-b", -1),
        ("1.2.3.0-beta", "1.2.3", 0),
    ],
)
def test_order(left, right, order):
    assert parse_version(left).compare(parse_version(right)) == order


@pytest.mark.parametrize(
    ("version", "constraint", "allowed"),
    [
        ("1.2.3", "~> 1.2.3.4", False),
        ("1.2.3.4", "~> 1.2.3.4", True),
        ("1.2.4.9", "~> 1.2.3.4", False),
        ("1.3.0", "~> 1.3.0-beta", False),
        ("1.3.0-rc", "~> 1.3.0-beta", True),
        ("1.3.1", ">=1.3.0-beta,!=1.3.2", True),
    ],
)
def test_constraints(version, constraint, allowed):
    assert parse_version_constraint(constraint).allows(parse_version(version)) is allowed


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no version given"),
        (">= 7,", "a version is missing beside a comma"),
        (">= 7 < 8", 'a comma is missing in ">= 7 < 8"'),
        ("=> 7", '"=>" compares no versions: did you mean ">="?'),
        (">> 7", '">>" compares no versions: use one of ~> = != > < >= <='),
        (">=", 'no version after ">="'),
        ("> latest", '"latest" is not a version'),
    ],
)
def test_a_mistake_in_a_constraint_is_named(text, message):
    with pytest.raises(ValueError, match="^" + re.escape(message) + "$"):
        parse_version_constraint(text)


def test_semver_has_no_pessimistic_operator():
    with pytest.raises(ValueError, match='"~>" is for the operator "version"'):
        parse_semver_constraint("~> 1.2")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("-0", 0),
        ("+08", 8),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", None),
        ("000000000000000000000000001", 1),
        (" 1", None),
        ("1_0", None),
        ("0x1", None),
        ("\u0661", None),
        ("", None),
    ],
)
def test_whole_numbers_are_go_s(text, number):
    assert parse_int64(text) == number
