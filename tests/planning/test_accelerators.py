import pytest

from qemu_run.planning.accelerators import hint


@pytest.mark.parametrize(
    ("used", "is_hosts_own", "kvm", "is_said"),
    [
        ("tcg", True, "usable", True),
        ("tcg", True, "unusable: there is no /dev/kvm", False),
        ("tcg", True, "", False),
        ("tcg", False, "usable", False),
        ("kvm", True, "usable", False),
    ],
)
def test_a_guest_that_could_be_faster(used, is_hosts_own, kvm, is_said):
    said = hint(used, is_hosts_own=is_hosts_own, kvm=lambda: kvm)
    assert ("kvm:tcg" in said) == is_said


def test_kvm_is_not_tried_for_a_guest_that_it_cannot_run():
    def tried():
        raise AssertionError("KVM was tried")

    assert not hint("tcg", is_hosts_own=False, kvm=tried)
    assert not hint("kvm", is_hosts_own=True, kvm=tried)
