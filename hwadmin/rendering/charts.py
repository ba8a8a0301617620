"""Charts as SVG, drawn on the server: numbers in, markup out. Pure: no web, no database.

Shape tells what color tells: a second series is hatched, a second line is dashed and has square marks. Looks
come from classes of our style sheet, since the policy forbids style attributes. Each chart has a title and a
sentence for who does not see it; its numbers stand in a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

# Half a card on a wide screen, and not much more than a narrow one: text stays legible on both.
_WIDTH = 440
_HEIGHT = 210
_LEFT, _RIGHT, _TOP, _BOTTOM = 50, 8, 34, 24
_TICKS = 4
# Names of weeks are written this far apart at least, and values over bars.
_LABEL_ROOM, _VALUE_ROOM = 54, 22
# A lying bar with its name, in which so many characters find room.
_LINE, _NAME_ROOM, _NAME = 26, 190, 22


@dataclass(frozen=True, slots=True)
class Series:
    """What is drawn in one manner: a name and a value for each label; None where there is none."""

    name: str
    values: Sequence[float | None]


def ticks(most: float) -> list[float]:
    """Round numbers from 0 to the first that is not below the most: few, in steps of 1, 2 or 5."""
    if most < 1e-6:
        return [0.0, 1.0]
    rough = most / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1.0, 2.0, 5.0, 10.0) if factor * power >= rough * (1 - 1e-9))
    count = math.ceil(most / step - 1e-9)
    return [round(number * step, 10) for number in range(count + 1)]


def counts(key: str, title: str, sentence: str, labels: Sequence[str], series: Sequence[Series]) -> Markup:
    """Bars of counts, one beside the other, the series on top of each other.

    Args:
        key: a name of the chart's own on its page.
        title: what it shows.
        sentence: what there is to see in it.
        labels: what each bar stands for.
        series: two at most; the second is hatched.
    """
    totals = [sum(one.values[place] or 0 for one in series) for place in range(len(labels))]
    # There is no half of an order.
    scale = [tick for tick in ticks(max([*totals, 0])) if tick == int(tick)]
    plot = _Plot(key, title, sentence, labels, scale[-1])
    inner = [*plot.grid(scale, ""), *plot.legend([one.name for one in series], "bar")]
    width = plot.room * 0.62
    for place, label in enumerate(labels):
        below = 0.0
        tooltip = ", ".join(f"{one.values[place] or 0:g} {one.name.lower()}" for one in series)
        inner.append(Markup("<g><title>{}</title>").format(f"{label}: {tooltip}"))
        for number, one in enumerate(series):
            value = one.values[place] or 0
            if value:
                top, bottom = plot.y(below + value), plot.y(below)
                inner.append(
                    Markup('<rect class="chart-bar{}" x="{}" y="{}" width="{}" height="{}"{}/>').format(
                        number + 1,
                        _coordinate(plot.x(place) - width / 2),
                        _coordinate(top),
                        _coordinate(width),
                        _coordinate(bottom - top),
                        Markup(' fill="url(#{}-hatch)"').format(key) if number else "",
                    )
                )
            below += value
        if totals[place] and plot.room >= _VALUE_ROOM:
            inner.append(_text(plot.x(place), plot.y(totals[place]) - 5, f"{totals[place]:g}", "chart-value"))
        inner.append(Markup("</g>"))
    return plot.drawn(inner, hatched=len(series) > 1)


def lines(
    key: str, title: str, sentence: str, labels: Sequence[str], series: Sequence[Series], unit: str
) -> Markup:
    """Lines of measures over time; a label without a value interrupts its line.

    Args:
        key: a name of the chart's own on its page.
        title: what it shows.
        sentence: what there is to see in it.
        labels: what stands below.
        series: two at most; the second is dashed, with square marks.
        unit: of the values, for the scale: ``h`` or ``d``.
    """
    known = [value for one in series for value in one.values if value is not None]
    scale = ticks(max([*known, 0]))
    plot = _Plot(key, title, sentence, labels, scale[-1])
    inner = [*plot.grid(scale, unit), *plot.legend([one.name for one in series], "line")]
    for number, one in enumerate(series, 1):
        points = [
            None if value is None else (plot.x(place), plot.y(value))
            for place, value in enumerate(one.values)
        ]
        for run in _runs(points):
            path = " ".join(f"{_coordinate(x)},{_coordinate(y)}" for x, y in run)
            inner.append(Markup('<polyline class="chart-line{}" points="{}"/>').format(number, path))
        for place, point in enumerate(points):
            if point is not None:
                tooltip = f"{labels[place]}: {one.name.lower()} {one.values[place]:.1f} {unit}"
                inner.append(_mark(number, *point, tooltip))
    return plot.drawn(inner)


def bars(key: str, title: str, sentence: str, rows: Sequence[tuple[str, float]]) -> Markup:
    """Lying bars, each with its name before and its count behind it."""
    most = max([1.0, *(count for _, count in rows)])
    inner = []
    for place, (name, count) in enumerate(rows):
        y = place * _LINE + 4
        length = max((_WIDTH - _NAME_ROOM - 60) * count / most, 1)
        short = name if len(name) <= _NAME else name[: _NAME - 1] + "…"
        inner.append(_text(_NAME_ROOM - 8, y + 16, short, "chart-name"))
        inner.append(
            Markup('<rect class="chart-bar1" x="{}" y="{}" width="{}" height="{}"/>').format(
                _NAME_ROOM, y + 3, _coordinate(length), _LINE - 8
            )
        )
        inner.append(_text(_NAME_ROOM + length + 6, y + 16, f"{count:,.0f}", "chart-end"))
    return _svg(key, title, sentence, len(rows) * _LINE + 8, inner)


# ---- The pieces


@dataclass(frozen=True, slots=True)
class _Plot:
    """The field of a chart over labels: where things stand in it."""

    key: str
    title: str
    sentence: str
    labels: Sequence[str]
    most: float

    @property
    def room(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / max(len(self.labels), 1)

    def x(self, place: int) -> float:
        return _LEFT + self.room * (place + 0.5)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / self.most

    def grid(self, scale: Sequence[float], unit: str) -> Iterator[Markup]:
        for tick in scale:
            y = _coordinate(self.y(tick))
            yield Markup('<line class="chart-grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                _LEFT, _WIDTH - _RIGHT, y, y
            )
            yield _text(_LEFT - 6, self.y(tick) + 4, f"{tick:g} {unit}".strip(), "chart-name")
        every = max(1, math.ceil(_LABEL_ROOM / self.room))
        # Counted from the last, which is the one people look for.
        for place in range(len(self.labels) - 1, -1, -every):
            yield _text(self.x(place), _HEIGHT - 6, self.labels[place], "chart-value")

    def legend(self, names: Sequence[str], kind: str) -> Iterator[Markup]:
        x = float(_LEFT)
        for number, name in enumerate(names, 1):
            if kind == "bar":
                hatch = Markup(' fill="url(#{}-hatch)"').format(self.key) if number > 1 else ""
                yield Markup('<rect class="chart-bar{}" x="{}" y="2" width="12" height="12"{}/>').format(
                    number, _coordinate(x), hatch
                )
                start = x + 18
            else:
                yield Markup('<line class="chart-line{}" x1="{}" x2="{}" y1="8" y2="8"/>').format(
                    number, _coordinate(x), _coordinate(x + 26)
                )
                yield _mark(number, x + 13, 8, None)
                start = x + 32
            yield _text(start, 12, name, "chart-end")
            x = start + 9 * len(name) + 18

    def drawn(self, inner: Sequence[Markup], *, hatched: bool = False) -> Markup:
        if hatched:
            hatch = Markup(
                '<defs><pattern id="{}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
                'patternTransform="rotate(45)"><rect class="chart-hatch-ground" width="6" height="6"/>'
                '<line class="chart-hatch" x1="0" x2="0" y1="0" y2="6"/></pattern></defs>'
            ).format(self.key)
            inner = [hatch, *inner]
        return _svg(self.key, self.title, self.sentence, _HEIGHT, inner)


def _svg(key: str, title: str, sentence: str, height: int, inner: Sequence[Markup]) -> Markup:
    return Markup(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-sentence">'
        '<title id="{}-title">{}</title><desc id="{}-sentence">{}</desc>{}</svg>'
    ).format(_WIDTH, height, key, key, key, title, key, sentence, Markup("").join(inner))


def _text(x: float, y: float, words: str, manner: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
        manner, _coordinate(x), _coordinate(y), escape(words)
    )


def _mark(number: int, x: float, y: float, tooltip: str | None) -> Markup:
    title = Markup("<title>{}</title>").format(tooltip) if tooltip else ""
    if number == 1:
        return Markup('<circle class="chart-mark1" cx="{}" cy="{}" r="3.5">{}</circle>').format(
            _coordinate(x), _coordinate(y), title
        )
    return Markup('<rect class="chart-mark2" x="{}" y="{}" width="7" height="7">{}</rect>').format(
        _coordinate(x - 3.5), _coordinate(y - 3.5), title
    )


def _runs(points: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    """The stretches without an interruption that make a line: of two points or more."""
    run: list[tuple[float, float]] = []
    for point in (*points, None):
        if point is not None:
            run.append(point)
            continue
        if len(run) > 1:
            yield run
        run = []


def _coordinate(number: float) -> str:
    """A coordinate, to the tenth."""
    return f"{number:.1f}".removesuffix(".0")
