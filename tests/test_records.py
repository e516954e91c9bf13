from dataclasses import dataclass, field, replace
from functools import cached_property

import pytest

from qemu_run.records import mutable, record


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


@pytest.mark.parametrize("made_before", [0, 100])
def test_the_first_objects_are_like_all_others(made_before):
    @record(kw_only=True)
    class Base:
        name: str
        parts: list[int] = field(default_factory=list)

    @record
    class Whole(Base):
        size: int
        note: str = "none"

        def __post_init__(self) -> None:
            if self.size < 0:
                raise ValueError(self.size)

    kept = [Whole(number, name="kept") for number in range(made_before)]
    assert all(each.note == "none" and each.parts == [] for each in kept)
    one, other = Whole(3, name="a"), Whole(size=3, name="a", note="none", parts=[])
    assert one == other
    assert one.parts is not other.parts
    assert Whole(3, "x", name="a").note == "x"
    with pytest.raises(ValueError, match="-1"):
        Whole(-1, name="a")
    wrong = (((), {"name": "a"}), ((1, "n", 2), {"name": "a"}), ((1,), {"name": "a", "other": 1}))
    for positional, named in (*wrong, ((1,), {"size": 1, "name": "a"})):
        with pytest.raises(TypeError, match="argument"):
            Whole(*positional, **named)


@mutable
class Count:
    of: str = ""
    number: int = 0
    notes: list[str] = field(default_factory=list)


@mutable
class Size:
    number: int


@mutable(kw_only=True, eq=False)
class Tally:
    number: int = 0


def test_fields_of_a_mutable_change_and_it_is_compared_by_them():
    count = Count("sheep")
    count.number += 1
    count.notes.append("one")
    assert count == Count("sheep", 1, ["one"])
    assert count != Count("sheep")
    assert replace(count, number=2).number == 2
    assert Count().notes == []


def test_what_changes_has_no_hash_unless_it_equals_itself_alone():
    with pytest.raises(TypeError, match="unhashable type: 'Size'"):
        hash(Size(1))
    tally = Tally(number=1)
    assert {tally: 1}[tally] == 1
    assert tally != Tally(number=1)


def test_a_mutable_has_slots_and_knows_its_arguments():
    with pytest.raises(AttributeError):
        Count().other = 1
    with pytest.raises(TypeError):
        Count(other=1)
    with pytest.raises(TypeError):
        Tally(1)
