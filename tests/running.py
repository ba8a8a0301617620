"""How the suite runs: on which database a case runs, in which order, and how long it may take."""

from __future__ import annotations

import gc
import itertools
import os
import resource
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TypeVar
from zlib import crc32

import pytest
from hypothesis import settings

from tests import databases

# Everything, as `make test-full` runs it.
FULL = bool(os.environ.get("HWADMIN_TEST_FULL"))
# Processor seconds of one test, so that a busy machine fails none; what needs more is marked slow. In full, a
# property has three times the examples.
LIMIT = 15.0 if FULL else 5.0
# What the yardstick takes where nothing else runs, in processor seconds.
_YARDSTICK_SECONDS = 0.03
_USED = pytest.StashKey[float]()


def examples(number: int) -> int:
    """How many examples a property is tried with: this number in full, a third of it otherwise."""
    return number if FULL else max(number // 3, 8)


settings.register_profile("full", deadline=None, max_examples=100)
# The same examples in every run, so that none fails for what was not changed.
settings.register_profile("short", settings.get_profile("full"), max_examples=examples(100), derandomize=True)
settings.load_profile("full" if FULL else "short")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sample", type=int, default=1, help="of the cases with a database only every nth")


def _database_of(item: pytest.Item) -> str | None:
    params: dict[str, object] = getattr(getattr(item, "callspec", None), "params", {})
    kind = params.get("template")
    return str(kind) if kind in databases.KINDS else None


def number_of(case: str) -> int:
    """A number for a case, the same in every run."""
    return crc32(case.encode())


Option = TypeVar("Option")


def in_turn(case: str, kinds: Sequence[Option]) -> Option:
    """The database a case runs on, or what else it is tried with one of, by its name."""
    return kinds[number_of(case) % len(kinds)]


def part_of(options: Iterable[Option], name: str, parts: int) -> list[Option]:
    """One in so many of the options, others for another name, so that all are tried; in full each time."""
    every = list(options)
    return every if FULL else every[number_of(name) % parts :: parts]


def one_of(options: Iterable[Option], name: str) -> list[Option]:
    """One of the options, another one for another name; all of them in full."""
    every = list(options)
    return part_of(every, name, max(len(every), 1))


def only_on(kind: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """What marks a test of something that only this kind of database does."""

    def mark(test: Callable[..., None]) -> Callable[..., None]:
        return pytest.mark.both_databases(pytest.mark.parametrize("template", [kind], indirect=True)(test))

    return mark


def _case(item: pytest.Item, kind: str) -> str:
    """What names a case on every database alike."""
    # Where cases share what takes long to build, the whole module runs on one database.
    shares = item.get_closest_marker("shares_database")
    return item.path.name if shares else item.nodeid.replace(kind, "")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Run a case on one database, in turn; leave the other one to `make test-full`.

    What the databases do differently is marked ``both_databases`` and runs on both every time. What is slow
    starts first, so that nothing long is left when the other workers are done.
    """
    _choose(config, items)
    yield
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


def _choose(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the cases of the other database before marks are looked at, and take the sample."""
    kinds = databases.available_kinds()
    sample: int = config.getoption("--sample")
    left_out: list[pytest.Item] = []
    for item in items:
        kind = _database_of(item)
        if kind is None:
            continue
        case = _case(item, kind)
        if not item.get_closest_marker("both_databases") and kind != in_turn(case, kinds):
            item.add_marker(pytest.mark.full)
        if number_of(case) // len(kinds) % sample:
            left_out.append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is collected stays to the end: the garbage collector need not look at it, then or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        # Garbage stays, too: to find it takes half a second, and it is ten megabytes of three hundred.
        gc.freeze()
        # Young objects are looked at seldom, old ones between tests only.
        gc.set_threshold(50_000, 20, 1_000_000)
        gc.enable()


def keep_what_is_there() -> None:
    """Clear garbage away; what is left has come to stay, and is not looked at again."""
    gc.collect()
    gc.freeze()


_ended = itertools.count(1)


def pytest_runtest_logfinish() -> None:
    """Every 200 tests keep what outlived them, such as applications and trees of the source."""
    if next(_ended) % 200 == 0:
        keep_what_is_there()


# ---- How long a test may take


def _processor_seconds() -> float:
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def slowness() -> float:
    """How many times slower the processor is than usual, at least 1: others take its cache and its clock."""
    before = _processor_seconds()
    sum(number % 7 for number in range(1_000_000))
    return max((_processor_seconds() - before) / _YARDSTICK_SECONDS, 1)


def too_slow(used: float, markers: set[str], slower: Callable[[], float] = slowness) -> str | None:
    """What to say of a test that used this much of a processor; None where it may."""
    if used <= LIMIT or markers & {"slow", "full"} or used <= LIMIT * slower():
        return None
    return (
        f"This test used {used:.1f} s of a processor, more than {LIMIT:.0f}: make it quicker or mark it slow."
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    before = _processor_seconds()
    try:
        return (yield)
    finally:
        item.stash[_USED] = _processor_seconds() - before


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call" and report.passed:
        fault = too_slow(item.stash.get(_USED, 0), {mark.name for mark in item.iter_markers()})
        if fault:
            report.outcome, report.longrepr = "failed", fault
    return report
