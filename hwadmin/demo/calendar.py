"""When what the demo tells happened: ages to moments, within working hours."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from random import Random

_UNITS = {"d": "days", "h": "hours", "m": "minutes"}
_FRIDAY = 4
_OPENS, _CLOSES = time(8), time(18)


def span(text: str) -> timedelta:
    """A length of time: ``40m``, ``26h``, ``6d``."""
    return timedelta(**{_UNITS[text[-1]]: int(text[:-1])})


class Calendar:
    """Turns the tables' words into moments before the present one."""

    def __init__(self, present: datetime, random: Random) -> None:
        self.present = present
        self._random = random

    def moment(self, age: str) -> datetime:
        """The moment an age names; with a time of day, on a working day that long ago or just before."""
        length, _, clock = age.partition(" ")
        moment = self.present - span(length)
        if not clock:
            return moment - timedelta(seconds=self._random.randrange(50))
        while moment.weekday() > _FRIDAY:
            moment -= timedelta(days=1)
        hour, minute = map(int, clock.split(":"))
        return moment.replace(hour=hour, minute=minute, second=self._random.randrange(60), microsecond=0)

    def later(self, before: datetime, after: str) -> datetime:
        """That long after a step, moved into working hours, and never in what is still to come."""
        length = span(after)
        # Nobody decides on the full hour.
        spread = min(int(length.total_seconds() * 0.06), 1500)
        raw = before + length + timedelta(seconds=self._random.randint(-spread, spread))
        for moment in (self._at_work(raw), raw):
            if before < moment < self.present:
                return moment
        return before + (self.present - before) / 2

    def _at_work(self, moment: datetime) -> datetime:
        minutes = timedelta(minutes=self._random.randrange(5, 75))
        if moment.time() >= _CLOSES:
            moment = datetime.combine(moment.date() + timedelta(days=1), _OPENS, moment.tzinfo) + minutes
        elif moment.time() < _OPENS:
            moment = datetime.combine(moment.date(), _OPENS, moment.tzinfo) + minutes
        while moment.weekday() > _FRIDAY:
            moment += timedelta(days=1)
        return moment
