"""What a basket keeps: anything that was typed, read back whatever became of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.domain.ordering.basket import (
    MAX_LINES,
    MAX_PER_LINE,
    BasketContent,
    BasketLine,
    Plan,
    Split,
    addresses,
    empty,
    read,
    shares,
    splits_of,
)
from hwadmin.domain.ordering.cost_allocation import Share
from hwadmin.domain.row_ids import MAX_ID

PHONE = BasketLine(key=1, sku="T54W", title="Yealink T54W", quantity=3)
HEADSET = BasketLine(key=2, sku="WH62", accessory_of=1)
LOOSE = BasketLine(key=3, sku="EXP50")


def content(*lines: BasketLine) -> BasketContent:
    return BasketContent(submission_key="key").with_lines(lines)


def test_what_was_stored_is_read_back() -> None:
    kept = content(PHONE.with_plan(2, Plan(name="Dana Fox", codes=(Split(code="4711"),))), HEADSET)
    kept = kept.model_copy(update={"informed": True, "copied_from": (7, 8)})
    assert read(kept.model_dump(mode="json")) == (kept, 0)


@pytest.mark.parametrize("document", [None, [], "text", 3, {"lines": "none"}, {"lines": None}, {}])
def test_what_is_no_basket_is_an_empty_one_with_a_key_of_its_own(document: Any) -> None:
    one, other = read(document), read(document)
    assert one[1] == other[1] == 0
    assert one[0].lines == ()
    assert not one[0].informed
    assert one[0].submission_key != other[0].submission_key != ""


def test_lines_that_cannot_be_read_are_counted_and_left_out() -> None:
    lines = [
        PHONE.model_dump(),
        {"sku": "no key"},
        "text",
        PHONE.model_dump(),
        LOOSE.model_dump() | {"quantity": -1},
    ]
    kept, lost = read({"lines": lines, "information": "text", "informed": 1, "submission_key": "k" * 80})
    assert ([line.key for line in kept.lines], lost) == ([1], 4)
    assert (kept.information.notes, kept.informed, kept.submission_key) == ("", False, "k" * 64)


def test_a_basket_has_so_many_lines_and_a_line_so_many_units_at_most() -> None:
    lines = [{"key": key, "sku": "T54W", "plans": [{}] * (MAX_PER_LINE + 1)} for key in range(MAX_LINES + 1)]
    kept, lost = read({"lines": lines[:1] + [{"key": key, "sku": "T"} for key in range(1, MAX_LINES + 1)]})
    assert (len(kept.lines), lost) == (MAX_LINES, 0)
    assert len(kept.lines[0].plans) == MAX_PER_LINE


def test_only_keys_of_rows_are_kept_of_what_it_was_copied_from() -> None:
    keys = [1, 0, -1, MAX_ID, MAX_ID + 1, "2", None]
    assert read({"copied_from": keys})[0].copied_from == (1, MAX_ID)
    assert read({"copied_from": "12"})[0].copied_from == ()


def test_text_that_no_database_can_store_is_left_out() -> None:
    assert PHONE.model_validate({"key": 1, "sku": "a\0b\ud800c", "title": None}).sku == "abc"
    assert len(Plan(name="x" * 10_001).name) == 10_000


@given(st.lists(st.tuples(st.sampled_from([1, 2, 3, 9]), st.sampled_from([None, 1, 2, 3, 5])), max_size=6))
def test_an_accessory_follows_its_device_and_none_is_lost(choices: list[tuple[int, int | None]]) -> None:
    lines = [BasketLine(key=key, sku="x", accessory_of=of) for key, of in dict(choices).items()]
    ordered = content(*lines).lines
    assert sorted(line.key for line in ordered) == sorted(line.key for line in lines)
    devices = [line.key for line in lines if line.accessory_of is None]
    place = {line.key: at for at, line in enumerate(ordered)}
    for line in ordered:
        between = ordered[place.get(line.accessory_of or 0, 0) + 1 : place[line.key]]
        assert line.accessory_of is None or line.accessory_of in devices
        assert line.accessory_of is None or all(one.accessory_of == line.accessory_of for one in between)


def test_lines_are_found_by_their_keys() -> None:
    both = content(PHONE, HEADSET, LOOSE)
    assert both.line(2) == HEADSET
    assert both.line(9) is both.line(None) is None
    assert both.accessories(1) == (HEADSET,)
    assert both.accessories(3) == ()
    assert (both.next_key, empty().next_key) == (4, 1)
    changed = both.with_line(PHONE.model_copy(update={"quantity": 5}))
    assert [line.quantity for line in changed.lines] == [5, 1, 1]


def test_a_unit_has_a_plan_from_the_first_on_and_others_stay_blank() -> None:
    plan = Plan(name="Dana Fox")
    planned = PHONE.with_plan(3, plan)
    assert [planned.plan(number).blank for number in (1, 2, 3, 4)] == [True, True, False, True]
    assert planned.with_plan(1, plan).plans == (plan, Plan(), plan)
    assert Plan(base=" ").blank is False


def test_a_mark_tells_whether_a_part_was_changed() -> None:
    assert Plan(name="a").mark == Plan(name="a").mark != Plan(name="b").mark
    assert len(PHONE.mark) == 16


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ({"quantity": 9, "title": "Other"}, True),
        ({"sku": "T53"}, False),
        ({"size": "L"}, False),
        ({"term_months": 24}, False),
        ({"color": "black"}, False),
        ({"mobile_carrier": "Vox"}, False),
        ({"accessory_of": 3}, False),
    ],
)
def test_lines_with_the_same_choices_order_the_same_thing(other: dict[str, Any], same: bool) -> None:
    assert (PHONE.model_copy(update=other).choice == PHONE.choice) is same


def test_of_a_spare_device_or_an_upgrade_there_is_one() -> None:
    assert not PHONE.single
    assert PHONE.model_copy(update={"spare_device_id": 4}).single
    assert PHONE.model_copy(update={"line_of_service_id": 4}).single


def test_addresses_are_separated_by_whatever_people_separate_them_with() -> None:
    assert addresses(" a@x.org,b@x.org; c@x.org\n,d@x.org ") == ["a@x.org", "b@x.org", "c@x.org", "d@x.org"]
    assert addresses(" ,; ") == []


@pytest.mark.parametrize(
    ("splits", "parsed", "why"),
    [
        ([], [], None),
        ([("", ""), (" ", "")], [], None),
        ([("4711", "")], [("4711", 100)], None),
        ([("4711", "60"), ("", ""), (" 4712 ", "40 %")], [("4711", 60), ("4712", 40)], None),
        ([("4711", "60"), ("4712", "")], [], "Give 4712 its share in percent."),
        ([("4711", "60"), ("", "much")], [], "Give each code its share in percent."),
        ([("4711", "60")], [("4711", 60)], "The shares make 60 %; they must make 100 %."),
        ([("", "100")], [("", 100)], "Choose an accounting code for each share."),
    ],
)
def test_codes_are_read_as_shares_and_one_alone_takes_all(
    splits: list[tuple[str, str]], parsed: list[tuple[str, int]], why: str | None
) -> None:
    expected = tuple(Share(code, Decimal(percent)) for code, percent in parsed)
    assert shares([Split(code=code, percent=percent) for code, percent in splits]) == (expected, why)


def test_shares_are_written_as_somebody_would_type_them() -> None:
    typed = splits_of([Share("4711", Decimal("33.30")), Share("4712", Decimal("66.7"))])
    assert typed == (Split(code="4711", percent="33.3"), Split(code="4712", percent="66.7"))
    assert shares(typed)[1] is None
