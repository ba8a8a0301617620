"""The rule of pairing, without a database."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hwadmin.operations.fulfillment.pairing_plan import BaseUnit, Handset, PairingPlan, named, plan_pairing


def a_base(unit_id: int = 1, most: int | None = None, make: str = "Yealink", **values: bool) -> BaseUnit:
    return BaseUnit(unit_id, f"W70B #{unit_id}", make, most, unit_id, "00:15:65:00:00:01", **values)


def a_handset(unit_id: int, base: int | None = None, make: str = "Yealink") -> Handset:
    return Handset(unit_id, f"W73H #{unit_id}", make, unit_id, base)


def slots(plan: PairingPlan) -> list[tuple[int, int, int]]:
    """Handset, base and slot of every pairing."""
    return [(one.handset.unit_id, one.base.unit_id, one.slot) for one in plan.pairings]


def test_one_base_takes_all_handsets_in_the_order_given() -> None:
    plan = plan_pairing([a_base()], [a_handset(12), a_handset(11)], {})
    assert slots(plan) == [(12, 1, 1), (11, 1, 2)]
    assert plan.warnings == ()


def test_a_chosen_base_is_no_matter_where_there_is_only_one() -> None:
    assert slots(plan_pairing([a_base(1)], [a_handset(11, base=99)], {})) == [(11, 1, 1)]


def test_of_several_bases_the_chosen_one_counts() -> None:
    plan = plan_pairing([a_base(1), a_base(2)], [a_handset(11, base=2), a_handset(12)], {})
    assert slots(plan) == [(11, 2, 1)]
    assert list(plan.not_paired) == [12]


def test_taken_slots_are_stepped_over() -> None:
    plan = plan_pairing([a_base(1)], [a_handset(11), a_handset(12)], {1: {1, 3}})
    assert slots(plan) == [(11, 1, 2), (12, 1, 4)]


def test_a_base_with_a_handset_in_a_slot_beyond_its_size_still_fills_the_free_ones() -> None:
    plan = plan_pairing([a_base(1, most=2)], [a_handset(11), a_handset(12)], {1: {1, 7}})
    assert slots(plan) == [(11, 1, 2)]
    assert list(plan.not_paired) == [12]


def test_a_handset_of_another_make_takes_no_slot() -> None:
    plan = plan_pairing([a_base(1, most=1)], [a_handset(11, make="Snom"), a_handset(12)], {})
    assert slots(plan) == [(12, 1, 1)]


def test_a_base_that_is_not_there_yet_or_is_gone_says_so() -> None:
    awaited = plan_pairing([a_base(1, present=False)], [a_handset(11)], {})
    assert awaited.not_paired == {11: "To be paired once W70B #1 has its MAC address."}
    moved = plan_pairing([a_base(1, present=False, moved=True)], [a_handset(11)], {})
    assert moved.not_paired == {11: "Not paired: W70B #1 belongs to another account by now."}


def test_many_units_are_named_in_short() -> None:
    assert named(["a", "b"]) == "a, b"
    assert named([str(n) for n in range(10)]) == "0, 1, 2, 3, 4, 5, 6, 7 and 2 more"


makes = st.sampled_from(["Yealink", "YEALINK", "Snom"])
bases = st.lists(
    st.tuples(makes, st.none() | st.integers(1, 4), st.booleans(), st.sets(st.integers(1, 5))), max_size=3
)
handsets = st.lists(st.tuples(makes, st.none() | st.integers(1, 4)), max_size=12)


@given(bases, handsets)
def test_every_handset_is_paired_or_told_why_not_and_no_slot_is_given_twice(
    made: list[tuple[str, int | None, bool, set[int]]], wanted: list[tuple[str, int | None]]
) -> None:
    all_bases = [a_base(n, most, make, present=present) for n, (make, most, present, _) in enumerate(made, 1)]
    occupied = {n: taken for n, (_, _, _, taken) in enumerate(made, 1)}
    all_handsets = [a_handset(100 + n, base, make) for n, (make, base) in enumerate(wanted)]
    plan = plan_pairing(all_bases, all_handsets, occupied)
    done = [one.handset.unit_id for one in plan.pairings]
    assert sorted([*done, *plan.not_paired]) == [one.unit_id for one in all_handsets]
    given_out = [(one.base.unit_id, one.slot) for one in plan.pairings]
    assert len(set(given_out)) == len(given_out)
    for one in plan.pairings:
        assert one.base.present
        assert one.slot not in occupied[one.base.unit_id]
        assert one.base.max_handsets is None or 1 <= one.slot <= one.base.max_handsets
        assert one.base.make.casefold() == one.handset.make.casefold()
        assert len(all_bases) == 1 or one.handset.base_unit_id == one.base.unit_id
