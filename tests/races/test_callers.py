"""What the processes that call share with the worker they come from: no socket and no pipe of it."""

from __future__ import annotations

import socket

from flask import Flask

from tests.races.callers import Crew


def test_what_a_worker_closes_is_closed_though_its_callers_live(own_app: Flask) -> None:
    crew = Crew()
    kept, given_away = socket.socketpair()
    with kept, given_away:
        crew.members(own_app, 2)
        given_away.close()
        kept.settimeout(60)
        assert kept.recv(1) == b""
    crew.dismiss()
