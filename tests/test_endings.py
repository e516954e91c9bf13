"""A signal is an end wherever it is heard, also where Python makes another error of it."""

import pytest

from qemu_run.endings import EndedBySignal, made_of


class Named:
    def __set_name__(self, owner, name):
        raise EndedBySignal(2)


def test_a_signal_in_the_body_of_a_class_is_still_one():
    with pytest.raises((RuntimeError, EndedBySignal)) as found:  # Python 3.12 leaves it as it is
        type("Class", (), {"name": Named()})
    assert made_of(found.value, EndedBySignal).code == 130


def test_an_error_of_its_own_is_none():
    error = RuntimeError()
    error.__cause__ = ValueError()
    assert made_of(error, EndedBySignal) is None


def test_an_error_that_is_its_own_cause_is_looked_at_once():
    one, other = ValueError(), OSError()
    one.__cause__, other.__cause__ = other, one
    assert made_of(one, EndedBySignal) is None
    assert made_of(one, OSError) is other
    other.__cause__ = other
    assert made_of(one, EndedBySignal) is None
