"""How many requests a token may make: counted by all workers together, and told in every answer."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from hwadmin.web.http.bearer_auth import LIMIT
from hwadmin.web.http.rate_limit import WINDOW_SECONDS, MappedCounts, OwnCounts, RequestLimit
from tests.api.callers import Callers, problem


def count_many(path: Path, times: int) -> None:
    counts = MappedCounts(path)
    for _ in range(times):
        counts.count("hwa_token", 100.0, 1_000_000)


def test_workers_count_together_and_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "counts"
    MappedCounts(path)
    workers = [
        multiprocessing.get_context("fork").Process(target=count_many, args=(path, 500)) for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert MappedCounts(path).count("hwa_token", 100.0, 1_000_000) == (100.0, 2_001)


@pytest.mark.parametrize("shared", [True, False])
def test_a_window_ends_and_each_token_has_its_own(tmp_path: Path, shared: bool) -> None:
    now = [1000.0]
    limit = RequestLimit(2, lambda: now[0], MappedCounts(tmp_path / "counts") if shared else OwnCounts())
    assert [limit.count("a").remaining for _ in range(2)] == [1, 0]
    refused = limit.count("a")
    assert (refused.refused, refused.reset_seconds) == (True, WINDOW_SECONDS + 1)
    assert not limit.count("b").refused
    now[0] += 30
    assert limit.count("a").reset_seconds == 31
    now[0] += 30
    assert limit.count("a").remaining == 1
    now[0] = 5.0  # The machine was started again.
    assert limit.count("a").remaining == 1


def test_more_tokens_than_there_is_room_for_forget_the_oldest(tmp_path: Path) -> None:
    counts = MappedCounts(tmp_path / "counts")
    for number in range(10_000):
        assert counts.count(f"token {number}", 100.0 + number / 1000, 5)[1] == 1
    assert counts.count("token 9999", 110.5, 5)[1] == 2


def test_without_a_folder_to_write_each_worker_counts_by_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    limit = RequestLimit.shared(5, tmp_path / "file" / "counts")
    assert limit.count("a").remaining == 4


def test_every_answer_tells_what_is_left(api: Callers) -> None:
    before = api.app.extensions[LIMIT]
    api.app.extensions[LIMIT] = RequestLimit(3, now=lambda: 0.0)
    try:
        answers = [api.piet.get("/orders"), api.piet.get("/orders/HW-999999"), api.piet.post("/orders", {})]
        assert [answer.headers["RateLimit-Remaining"] for answer in answers] == ["2", "1", "0"]
        refused = api.piet.get("/orders")
        problem(refused, 429)
        assert refused.headers["RateLimit-Limit"] == "3"
        assert refused.headers["RateLimit-Reset"] == refused.headers["Retry-After"]
    finally:
        api.app.extensions[LIMIT] = before
    assert "RateLimit-Limit" not in api.anonymous.get("/orders").headers
