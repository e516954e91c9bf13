"""Whatever stands in a job or a configuration, the answer is a verdict or a diagnostic."""

import string
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from qemu_run.errors import Diagnostics
from qemu_run.golang.versions import parse_semver_constraint, parse_version
from qemu_run.node.client_config import ClientConfig, load
from qemu_run.node.comparison import OPERATORS, check, parse_float64
from qemu_run.source import Source

VERSION_LIKE = st.text(alphabet="0123456789.-+~<>=!, vabrc", max_size=30)
NUMBER_LIKE = st.text(alphabet="0123456789.-+_eExXpPabinfty", max_size=20)
TEXTS = st.none() | st.text() | VERSION_LIKE | NUMBER_LIKE
FILE_LIKE = st.text(alphabet=string.ascii_lowercase + '{}[]="\n\\$%.,# 1', max_size=80)


@given(st.sampled_from([*OPERATORS, "nonsense"]), TEXTS, TEXTS)
def test_every_comparison_has_an_answer(operand, left, right):
    assert check(operand, left, right) in {True, False}


@given(NUMBER_LIKE, NUMBER_LIKE)
def test_an_order_is_one_of_three_or_none_at_all(left, right):
    below, same, above = (check(sign, left, right) for sign in ("<", "<=", ">"))
    assert not (below and above)
    assert not below or same
    if "nan" not in (left + right).lower():
        assert above is not same


@given(VERSION_LIKE)
def test_a_version_is_read_or_refused(text):
    for parse in (parse_version, parse_semver_constraint):
        with suppress(ValueError):
            assert parse(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_s_own_spellings_are_read_back(number):
    assert parse_float64(repr(number)) == number
    assert parse_float64(number.hex()) == number


@given(FILE_LIKE | st.text())
def test_any_file_gives_a_configuration(text):
    diagnostics = Diagnostics()
    config = load(Source("client.hcl", text), diagnostics)
    assert isinstance(config, ClientConfig)
    assert all(diagnostic.summary for diagnostic in diagnostics)
