"""What the fulfill page sends as one scans, and what it is answered: the whole state, in few words."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Connection, func, select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Role
from hwadmin.identifiers.unit_code import unit_code
from hwadmin.models import Device, FulfillmentDraft, HardwareOrder
from hwadmin.operations.fulfillment.fulfillment import fulfill_order
from hwadmin.queries.units.units import units_of
from tests.builders import Clients, World, an_identifier
from tests.guards.test_statement_counts import A_THOUSAND, assert_at_most, assert_flat, statements
from tests.operations.refusals import by
from tests.work import function_calls

EAN = "6938818306356"
Json = dict[str, Any]


def send(client: FlaskClient, order: HardwareOrder, *steps: Json, **state: Any) -> Json:
    answer = client.post(f"/orders/{order.reference}/fulfill/draft", json={"steps": list(steps), **state})
    assert answer.status_code == 200, answer.text
    answered = answer.get_json()
    assert isinstance(answered, dict)
    return answered


def scans(*texts: str) -> list[Json]:
    return [{"scan": text} for text in texts]


def checks(state: Json) -> dict[int, tuple[str, str, int]]:
    """By unit: what stands in its field, its check, and whether that is bad."""
    return {int(unit): (text, *state["checks"][place]) for unit, (text, place, *_) in state["rows"].items()}


def test_each_scan_is_answered_by_itself_and_the_whole_state_with_it(world: World, clients: Clients) -> None:
    account = world.an_account()
    order = world.an_order("approved", [("deskphone", 3), ("dect_handset", 1)], account=account)
    first, second, _third, handset = (unit.id for unit in units_of(order.id))
    state = send(
        clients.ada,
        order,
        *scans("805ec0000001", EAN, "805ec0000001"),
        {"unit": handset, "text": "805ec0000002"},
        *scans("000413a00001"),
    )
    assert [one and (one["taken"], one["tone"]) for one in state["results"]] == [
        ("placed", 0),
        ("refused", 2),
        ("refused", 2),
        None,
        ("placed", 1),
    ]
    assert state["results"][0]["label"] == "T54W #1"
    assert state["results"][4]["message"] == "This is a Snom MAC address; the order says Yealink."
    rows = checks(state)
    assert rows[first] == (
        "80:5e:c0:00:00:01",
        '<span class="check ok">new device · Yealink</span>',
        0,
    )
    assert rows[second][0] == "00:04:13:a0:00:01"
    assert (rows[handset][0], rows[handset][2]) == ("805ec0000002", 2)
    assert "the IPEI is under the battery" in rows[handset][1]
    assert (state["entered"], state["right"], state["wrong"]) == (2, 2, 1)
    assert [count for _line, count in state["lines"]] == [2, 0]
    assert state["done"] == []


def test_what_is_chosen_is_answered_and_sent_again(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    third = units_of(order.id)[2].id
    line = order.lines[0].id
    state = send(clients.ada, order, *scans(unit_code(order.reference, 3)), line=line)
    assert (state["chosen"], state["line"]) == (third, line)
    state = send(clients.ada, order, *scans("805ec0000001"), chosen=third, line=line)
    assert (state["chosen"], state["line"]) == (None, line)
    assert list(checks(state)) == [third]
    state = send(clients.ada, order, {"chosen": None, "line": None}, line=line)
    assert state["line"] is None


def test_who_else_is_at_it_and_what_is_done_is_told(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 3)])
    first, second, _third = (unit.id for unit in units_of(order.id))
    bo = world.a_person("Bo <b>Lindqvist</b>", Role.SUPER_ADMIN)
    send(clients.of(bo), order, *scans("805ec0000001", "805ec0000002"))
    state = send(clients.ada, order, open=3)
    assert state["others"] == "Bo <b>Lindqvist</b>, 2 units"
    assert "Bo &lt;b&gt;Lindqvist&lt;/b&gt; is entering this one" in checks(state)[first][1]
    page = clients.ada.get(f"/orders/{order.reference}/fulfill").text
    assert "Bo &lt;b&gt;Lindqvist&lt;/b&gt; is entering this one" in page
    # With what they entered, and the button that takes it over.
    assert "<code>80:5e:c0:00:00:01</code>" in page
    assert f'name="take_unit" value="{first}"' in page
    assert state["rows"][str(first)][2] == "80:5e:c0:00:00:01"
    by(bo, lambda actor: fulfill_order(actor, order.id, {first: "805ec0000001"}))
    state = send(clients.ada, order, open=3)
    assert state["done"] == [first]
    assert list(checks(state)) == [second]


def test_a_colleagues_draft_is_taken_over_and_they_see_it(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 4)])
    first, second, third, fourth = (unit.id for unit in units_of(order.id))
    bo = world.a_person("Bo Lindqvist", Role.SUPER_ADMIN)
    browser = clients.of(bo)
    send(browser, order, *scans("805ec0000001", "805ec0000002", "805ec0000003"))
    here = f"/orders/{order.reference}/fulfill"
    # What was typed without scripts meanwhile is kept; a blank field empties nothing.
    typed = {f"unit-{fourth}": "805ec0000004", f"unit-{first}": ""}
    answer = clients.ada.post(f"{here}/take-over", data={**typed, "take_unit": str(first)})
    assert answer.headers["Location"] == f"{here}#unit-{first}"
    page = clients.ada.get(here).text
    assert "What Bo Lindqvist had entered for 1 unit is yours now; they are told." in page
    for text in ("80:5e:c0:00:00:01", "805ec0000004"):
        assert f'value="{text}"' in page
    assert "Take over all 2" in page
    draft = send(browser, order)
    assert checks(draft)[first] == (
        "",
        '<span class="muted">Ada Okafor took this one over from you</span>',
        0,
    )
    assert set(checks(draft)) == {first, second, third, fourth}
    # The order's page of the colleague says so as well.
    assert "Ada Okafor" in browser.get(f"/orders/{order.reference}").text
    clients.ada.post(f"{here}/take-over", data={"take_person": str(bo.id)})
    assert "had entered for 2 units" in clients.ada.get(here).text
    for nothing in ({"take_person": str(bo.id)}, {"take_unit": "x"}, {}):
        assert clients.ada.post(f"{here}/take-over", data=nothing).status_code == 302
        assert "Nothing is left to take over" in clients.ada.get(here).text


def test_the_page_opens_with_what_was_entered(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    second = units_of(order.id)[1].id
    send(clients.ada, order, {"unit": second, "text": '"><script>alert(1)</script>'})
    page = clients.ada.get(f"/orders/{order.reference}/fulfill").text
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in page
    assert "<script>alert" not in page


def test_each_clash_leads_to_resolving_itself(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 2)])
    holder = world.an_account(name="Halden Dental")
    held = [world.a_device(holder, "deskphone", f"805ec0aa000{number}") for number in (1, 2)]
    state = send(clients.ada, order, *scans(*[device.identifier for device in held]))
    assert [one["tone"] for one in state["results"]] == [2, 2]
    links = [check.split('href="')[1].split('"')[0] for _text, check, _tone in checks(state).values()]
    assert len(set(links)) == 2
    assert all(clients.ada.get(link.replace("&amp;", "&")).status_code == 200 for link in links)


NEVER_SENT: tuple[Any, ...] = (
    None,
    [],
    "x",
    {},
    {"steps": {}},
    {"steps": [1]},
    {"steps": [None]},
    {"steps": [{"scan": 1}]},
    {"steps": [{"scan": None}]},
    {"steps": [{"unit": "1", "text": "x"}]},
    {"steps": [{"unit": True, "text": "x"}]},
    {"steps": [{"unit": -1, "text": "x"}]},
    {"steps": [{"unit": 2**63, "text": "x"}]},
    {"steps": [{"unit": 1, "text": ["x"]}]},
    {"steps": [{"chosen": "x"}]},
    {"steps": [], "line": {}},
    {"steps": [{"scan": "x"}] * 1001},
)


def test_what_the_page_never_sends_is_refused(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    for body in NEVER_SENT:
        answer = clients.ada.post(f"/orders/{order.reference}/fulfill/draft", json=body)
        refusal = {"message": "This cannot be read; reload the page and try again."}
        assert (answer.status_code, answer.get_json()) == (422, refusal), body


HOSTILE = ("\0", "\ud800", "\u202e", "x" * 5000, "=1+1", "'; DROP TABLE unit; --", "0 " * 400)


def test_hostile_texts_are_answered(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 1), ("dect_handset", 1)])
    unit = units_of(order.id)[0].id
    for text in HOSTILE:
        steps = ({"scan": text}, {"unit": unit, "text": text}, {"chosen": unit}, {"scan": text})
        state = send(clients.ada, order, *steps)
        assert [one["taken"] for one in state["results"] if one] == ["refused", "refused"], text


def test_an_order_that_is_not_open_says_why(world: World, clients: Clients) -> None:
    order = world.an_order("fulfilled", [("deskphone", 1)])
    answer = clients.ada.post(f"/orders/{order.reference}/fulfill/draft", json={"steps": []})
    assert answer.status_code == 409
    assert "it is Fulfilled, set by Ada Okafor" in answer.get_json()["message"]
    gone = clients.ada.post("/orders/HW-999999/fulfill/draft", json={"steps": []})
    assert (gone.status_code, gone.get_json()) == (404, {"message": "There is no such order."})


def test_a_request_without_the_pages_token_is_refused(world: World, clients: Clients) -> None:
    order = world.an_order("approved", [("deskphone", 1)])
    client = clients.ada
    clients.app.config["WTF_CSRF_ENABLED"] = True
    try:
        answer = client.post(
            f"/orders/{order.reference}/fulfill/draft", json={"steps": scans("805ec0000001")}
        )
    finally:
        clients.app.config["WTF_CSRF_ENABLED"] = False
    assert answer.status_code == 400
    assert db.session.execute(select(func.count()).select_from(FulfillmentDraft)).scalar_one() == 0


# ---- A thousand


def test_a_scan_needs_as_few_statements_among_a_thousand_as_alone(
    world: World, clients: Clients, connection: Connection
) -> None:
    one, many = world.an_order("approved", [("deskphone", 2)]), world.an_order("approved", A_THOUSAND)
    typed = world.identifiers_for(many)
    send(clients.ada, many, *[{"unit": unit, "text": text} for unit, text in list(typed.items())[:990]])
    send(clients.ada, one, *scans("805ec1000000"))

    def scan(order: HardwareOrder, kind: str) -> None:
        state = send(clients.ada, order, *scans(an_identifier(kind)))
        assert state["results"][0]["taken"] == "placed"

    assert assert_flat(connection, lambda: scan(one, "deskphone"), lambda: scan(many, "mobile")) <= 12


def test_a_thousand_pasted_identifiers_are_reported_and_written_with_little_work(
    world: World, clients: Clients, connection: Connection
) -> None:
    order = world.an_order("approved", A_THOUSAND)
    typed = world.identifiers_for(order)
    units = {unit.id: unit for unit in units_of(order.id)}
    rows = [f"{units[unit].model};{text};SN{unit:07}" for unit, text in typed.items()]
    text = "\r\n".join(["Model;Identifier;Serial", *rows])
    clients.ada.get(f"/orders/{order.reference}/fulfill/list")
    pages = {}

    def paste() -> None:
        pages["report"] = clients.ada.post(
            f"/orders/{order.reference}/fulfill/list",
            data={"text": text},
            content_type="multipart/form-data",
        )

    assert function_calls(paste) < 750 * 1000
    page = pages["report"].text
    assert page.count('<input type="hidden" name="unit-') == 1000
    form = {f"unit-{unit}": text for unit, text in typed.items()}
    checked = clients.ada.post(f"/orders/{order.reference}/fulfill", data={**form, "do": "check"})
    assert checked.status_code == 200

    def write() -> None:
        pages["written"] = clients.ada.post(f"/orders/{order.reference}/fulfill", data={**form, "do": "all"})

    with statements(connection) as sent:
        assert function_calls(write) < 400 * 1000
    assert pages["written"].status_code == 302
    assert_at_most(30, sent)
    assert db.session.execute(select(func.count(Device.id))).scalar_one() == 1000
    assert db.session.execute(select(func.count()).select_from(FulfillmentDraft)).scalar_one() == 0


def test_a_scan_among_a_thousand_takes_little_work(world: World, clients: Clients) -> None:
    order = world.an_order("approved", A_THOUSAND)
    typed = world.identifiers_for(order)
    send(clients.ada, order, *[{"unit": unit, "text": text} for unit, text in list(typed.items())[:900]])
    send(clients.ada, order, *scans(an_identifier("mobile")), open=0)
    assert function_calls(lambda: send(clients.ada, order, *scans(an_identifier("mobile")), open=1)) < 400_000
