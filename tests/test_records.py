from dataclasses import dataclass, field, replace
from functools import cached_property

import pytest

from qemu_run.records import record


@record
class Point:
    x: int
    y: int = 0
    note: str = field(default="", compare=False, repr=False)


@record(kw_only=True)
class Point3(Point):
    z: int


@record
class Nothing: ...


@record(eq=False)
class Place:
    name: str


@record(slots=False)
class Line:
    text: str

    @cached_property
    def length(self) -> int:
        return len(self.text)


def test_equality_and_hash_go_by_the_compared_fields():
    assert Point(1, 2) == Point(1, 2, "another note")
    assert Point(1, 2) != Point(2, 1)
    assert {Point(1), Point(1, 0, "n")} == {Point(1)}
    assert Nothing() == Nothing()
    assert hash(Nothing()) == hash(Nothing())


def test_records_of_other_classes_are_other_records():
    assert Point3(1, 2, z=0) != Point(1, 2)
    assert Point(1) != (1, 0)


def test_without_eq_a_record_equals_itself_alone():
    place = Place("here")
    assert [place] == [place]
    assert place != Place("here")


def test_the_text_of_a_record_is_a_dataclass_s():
    @dataclass
    class Pair:
        x: int
        y: str

    twin = record(type("Pair", (), {"__annotations__": {"x": int, "y": str}}))
    assert repr(Point3(1, 2, "note", z=3)) == "Point3(x=1, y=2, z=3)"
    assert repr(twin(1, "a")) == repr(Pair(1, "a")).rpartition(".")[2]


def test_a_class_keeps_its_own_methods():
    @record
    class Token:
        kind: str

        def __repr__(self) -> str:
            return self.kind

    assert repr(Token("WORD")) == "WORD"


def test_slots_leave_room_for_nothing_else():
    with pytest.raises(AttributeError):
        Point(1).z = 3
    assert Line("four").length == 4


def test_the_rest_is_the_standard_library_s():
    assert replace(Point(1, 2), y=5) == Point(1, 5)
    with pytest.raises(TypeError):
        Point3(1, 2, "", 3)
    match Point(3, 4):
        case Point(x, y):
            assert (x, y) == (3, 4)
