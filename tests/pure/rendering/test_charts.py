"""Charts: sound SVG, true to scale, readable without color, with a title and a sentence."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hwadmin.rendering import charts
from hwadmin.rendering.charts import Series, ticks

SVG = "{http://www.w3.org/2000/svg}"
names = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=40)
counts = st.integers(0, 10**6)


def drawn(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(markup).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def of_class(svg: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [one for one in svg.iter() if one.get("class") == name]


@given(st.floats(0, 1e9, allow_nan=False))
def test_a_scale_reaches_its_most_in_few_round_steps(most: float) -> None:
    scale = ticks(most)
    assert scale[0] == 0
    assert scale[-1] >= most * (1 - 1e-6)
    assert 2 <= len(scale) <= 7


@pytest.mark.parametrize(
    ("most", "scale"), [(0, [0, 1]), (3, [0, 1, 2, 3]), (10, [0, 5, 10]), (37, [0, 10, 20, 30, 40])]
)
def test_scales(most: float, scale: list[float]) -> None:
    assert ticks(most) == scale


@given(st.lists(st.tuples(names, counts, counts), min_size=1, max_size=60))
def test_bars_are_as_high_as_their_counts_and_stand_on_each_other(rows: list[tuple[str, int, int]]) -> None:
    labels, first, second = (list(column) for column in zip(*rows, strict=True))
    svg = drawn(
        charts.counts("c", "Title", "Sentence.", labels, [Series("One", first), Series("Two", second)])
    )
    bars1 = [one for one in of_class(svg, "chart-bar1") if one.get("y") != "2"]
    bars2 = [one for one in of_class(svg, "chart-bar2") if one.get("y") != "2"]
    assert (len(bars1), len(bars2)) == (sum(map(bool, first)), sum(map(bool, second)))
    highest = max([a + b for a, b in zip(first, second, strict=True)] or [0])
    if highest:
        scale = [tick for tick in ticks(highest) if tick == int(tick)][-1]
        full = (210 - 34 - 24) / scale
        for bar, value in zip(bars1, filter(None, first), strict=True):
            assert float(bar.get("height") or 0) == pytest.approx(value * full, abs=0.11)
    assert all(one.get("fill") == "url(#c-hatch)" for one in bars2)


@given(st.lists(st.tuples(names, st.none() | st.floats(0, 1e6)), min_size=1, max_size=60))
def test_a_line_has_a_mark_for_each_value_and_stops_where_there_is_none(
    rows: list[tuple[str, float | None]],
) -> None:
    labels, values = [row[0] for row in rows], [row[1] for row in rows]
    svg = drawn(charts.lines("l", "Title", "Sentence.", labels, [Series("Median", values)], "h"))
    known = [value for value in values if value is not None]
    assert len(of_class(svg, "chart-mark1")) == len(known) + 1  # and one in the legend
    points = [
        point
        for line in of_class(svg, "chart-line1")
        if line.get("points")
        for point in (line.get("points") or "").split()
    ]
    assert len(points) <= len(known)
    assert all(float(x) >= 0 and float(y) >= 0 for x, y in (point.split(",") for point in points))


@given(st.lists(st.tuples(names, counts), max_size=20))
def test_lying_bars_name_every_row_with_its_count(rows: list[tuple[str, int]]) -> None:
    svg = drawn(charts.bars("b", "Title", "Sentence.", [(name, float(count)) for name, count in rows]))
    assert [one.text for one in of_class(svg, "chart-end")] == [f"{count:,}" for _, count in rows]
    assert len(of_class(svg, "chart-bar1")) == len(rows)


def test_a_chart_says_what_it_shows_to_who_does_not_see_it() -> None:
    svg = drawn(charts.bars("b", "Orders <by> platform", "Most: “A & B”, 7.", [("A & B", 7)]))
    assert svg.get("role") == "img"
    ids = {one.get("id"): one.text for one in svg.iter() if one.get("id")}
    assert [ids[key] for key in (svg.get("aria-labelledby") or "").split()] == [
        "Orders <by> platform",
        "Most: “A & B”, 7.",
    ]


def test_a_second_series_differs_by_shape_and_nothing_by_style() -> None:
    both = [Series("Approved", [1, 2]), Series("Rejected", [2, 1])]
    bars = charts.counts("c", "T", "S.", ["a", "b"], both)
    lines = charts.lines("l", "T", "S.", ["a", "b"], both, "h")
    assert "<pattern" in bars
    assert drawn(lines).findall(f"{SVG}circle")
    assert len(of_class(drawn(lines), "chart-mark2")) == 3
    assert "style=" not in bars + lines
