"""Lists by the API: people, phone lines, and identifiers for an order."""

from __future__ import annotations

import io
import json

from hwadmin.db.extensions import db
from hwadmin.domain.device_kinds import Kind
from hwadmin.domain.lifecycle import OrderStatus
from hwadmin.models import Employee, PhoneLine
from tests.api.callers import Callers, fields, problem
from tests.api.conftest import Traces
from tests.builders import World, an_identifier

PEOPLE = "Name;E-mail;Number\nDana Reed;dana@example.com;17\nKofi Mensah;kofi@example.com;18"


def test_people_are_imported_by_text_and_by_file(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account()
    url = f"/accounts/{account.id}/employees/import"
    before = traces()
    dry = api.piet("POST", f"{url}?dry_run=true", data=PEOPLE, content_type="text/csv")
    assert dry.status_code == 200, dry.text
    assert (dry.json["written"], dry.json["counts"]["added"]) == (False, 2)
    assert [row["outcome"] for row in dry.json["rows"]] == ["added", "added"]
    assert before.none()
    done = api.piet("POST", f"{url}?expected={dry.json['digest']}", data=PEOPLE, content_type="text/plain")
    assert (done.status_code, done.json["written"]) == (200, True), done.text
    assert db.session.query(Employee).count() == 2
    file = {"file": (io.BytesIO(PEOPLE.encode()), "people.csv")}
    again = api.piet("POST", url, data=file)
    assert (again.json["written"], again.json["counts"]["unchanged"]) == (False, 2)
    problem(api.piet("POST", f"{url}?expected={dry.json['digest']}", data=PEOPLE), 409)


def test_a_repeated_import_under_one_key_is_done_once(api: Callers, world: World) -> None:
    url = f"/accounts/{world.an_account().id}/employees/import"
    headers = {"Idempotency-Key": "list-1"}
    first = api.piet("POST", url, data=PEOPLE, headers=headers)
    second = api.piet("POST", url, data=PEOPLE, headers=headers)
    assert (second.json, second.headers["Idempotency-Replayed"]) == (first.json, "true")
    problem(api.piet("POST", url, data=PEOPLE + "\nEli;eli@example.com;19", headers=headers), 422)


def test_phone_lines_are_imported(api: Callers, world: World) -> None:
    account = world.an_account()
    url = f"/accounts/{account.id}/phone-lines/import"
    text = "Phone number;Carrier\n+31612345678;KPN"
    done = api.piet("POST", url, data=text)
    assert (done.status_code, done.json["counts"]["added"]) == (200, 1), done.text
    assert db.session.query(PhoneLine).count() == 1


def test_what_is_no_list_is_refused(api: Callers, world: World, traces: type[Traces]) -> None:
    account = world.an_account()
    before = traces()
    for what in ("employees", "phone-lines"):
        url = f"/accounts/{account.id}/{what}/import"
        assert fields(api.piet("POST", url, data=" ")) == ["list"]
        assert fields(api.piet("POST", url, data="a;b\n1;2")) == ["list"]
        problem(api.bea("POST", url, data=PEOPLE), 404)
        problem(api.sam("POST", url, data=PEOPLE), 403)
    assert before.none()


def test_an_order_is_fulfilled_by_a_list(api: Callers, world: World, traces: type[Traces]) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 2)])
    url = f"/orders/{order.reference}/fulfill/list"
    macs = [an_identifier(Kind.DESKPHONE) for _ in range(2)]
    text = "MAC\n" + "\n".join(macs)
    before = traces()
    dry = api.ada("POST", f"{url}?dry_run=true", data=text)
    assert dry.status_code == 200, dry.text
    assert (dry.json["written"], len(dry.json["matches"])) == (False, 2)
    assert before.none()
    headers = {"Idempotency-Key": "list"}
    done = api.ada("POST", url, data=text, headers=headers)
    assert (done.json["written"], done.json["order"]["status"]) == (True, "fulfilled")
    assert {unit["outcome"] for unit in done.json["units"]} == {"created"}
    assert api.ada("POST", url, data=text, headers=headers).json == done.json
    again = api.ada("POST", url, data=text)
    assert {unit["outcome"] for unit in again.json["units"]} == {"skipped"}
    assert fields(api.ada("POST", url, data="nothing of the kind")) == ["list"]
    problem(api.piet("POST", url, data=text), 403)


def test_a_catalog_and_accounts_are_imported(api: Callers, world: World, traces: type[Traces]) -> None:
    catalog = "SKU;Make;Model;Kind;Price\nNEW-9;Yealink;T58;deskphone;99.00"
    url = f"/catalog/import?platform={world.northwind.id}"
    before = traces()
    dry = api.ada("POST", f"{url}&dry_run=true", data=catalog)
    assert (dry.status_code, dry.json["counts"]["added"]) == (200, 1), dry.text
    assert fields(api.ada("POST", "/catalog/import", data=catalog)) == ["platform_id"]
    problem(api.piet("POST", url, data=catalog), 403)
    assert before.none()
    assert api.ada("POST", url, data=catalog).json["written"] is True
    assert api.piet.get("/catalog/NEW-9").json["unit_price"] == "99.00"
    done = api.piet("POST", "/accounts/import", data="Account\nA listed clinic")
    assert (done.status_code, done.json["counts"]["added"]) == (200, 1), done.text
    assert api.piet.get("/accounts?q=listed").json["items"][0]["name"] == "A listed clinic"
    problem(api.piet("POST", f"/accounts/import?platform={world.blue_harbor.id}", data="Account\nX"), 404)


def test_what_a_list_of_identifiers_leaves_open_is_answered(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 2)])
    url = f"/orders/{order.reference}/fulfill/list"
    first, second = (an_identifier(Kind.DESKPHONE) for _ in range(2))
    text = f"Model,MAC,Status\nT54W,{first},Perhaps\nT54W,{second},Perhaps not"
    before = traces()
    dry = api.ada("POST", f"{url}?dry_run=true", data=text)
    assert (dry.status_code, dry.json["matches"], len(dry.json["questions"])) == (200, [], 2), dry.text
    assert [[option["value"] for option in one["options"]] for one in dry.json["choices"]] == [
        ["yes", "no"]
    ] * 2
    names = [one["name"] for one in dry.json["choices"]]
    answers = json.dumps({names[0]: "yes", names[1]: "no"})
    answered = api.ada("POST", url, data=text, query_string={"dry_run": "true", "answers": answers})
    assert [match["row"] for match in answered.json["matches"]] == [2]
    assert answered.json["questions"] == []
    assert fields(api.ada("POST", url, data=text, query_string={"answers": "{"})) == ["answers"]
    assert fields(api.ada("POST", url, data=text, query_string={"answers": '{"a": 1}'})) == ["answers.a"]
    assert before.none()
    # With a form, what is said beside the file is a field of it.
    form = {"file": (io.BytesIO(text.encode()), "list.csv"), "answers": answers}
    done = api.ada("POST", url, data=form)
    assert (done.json["written"], done.json["order"]["fulfilled_units"]) == (True, 1)


def test_columns_of_a_list_are_stated(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 1)])
    url = f"/orders/{order.reference}/fulfill/list"
    mac, other = (an_identifier(Kind.DESKPHONE) for _ in range(2))
    text = f"MAC,LAN\n{mac},{other}"
    stated = api.ada(
        "POST", url, data=text, query_string={"dry_run": "true", "columns": '{"0": "nothing", "1": "mac"}'}
    )
    assert [match["identifier"].replace(":", "") for match in stated.json["matches"]] == [other]
    people = f"/accounts/{world.an_account().id}/employees/import"
    unnamed = problem(api.piet("POST", people, data="Wer;Wo\nDana Reed;dana@example.com"), 422)
    assert "0 “Wer”" in unnamed["errors"][0]["message"]
    values = {"dry_run": "true", "columns": '{"0": "name"}'}
    known = api.piet("POST", people, data="Wer;Wo\nDana Reed;dana@example.com", query_string=values)
    assert known.json["counts"]["added"] == 1


def test_questions_about_columns_and_rows_are_answered(
    api: Callers, world: World, traces: type[Traces]
) -> None:
    account = world.an_account()
    kims = [world.an_employee(account, "Kim Sol", employee_number=str(number)) for number in (1, 2)]
    lines = f"/accounts/{account.id}/phone-lines/import"
    text = "Number;Carrier;User;Contract ends\n+31612345678;KPN;Kim Sol;03/04/2027"
    before = traces()
    asked = problem(api.piet("POST", lines, data=text), 422)["errors"]
    assert [error["field"] for error in asked] == ["answers.answer-3-order"]
    assert "Answer one of: " in asked[0]["message"]
    order = {"answer-3-order": "month_first"}
    dry = api.piet("POST", lines, data=text, query_string={"dry_run": "true", "answers": json.dumps(order)})
    [row] = dry.json["rows"]
    assert row["outcome"] == "open"
    assert row["question"]["name"] == "0"
    assert before.none()
    chosen = row["question"]["options"][1]["value"]
    answers = json.dumps(order | {"0": chosen})
    done = api.piet("POST", lines, data=text, query_string={"answers": answers})
    assert done.json["counts"]["added"] == 1, done.text
    [line] = db.session.query(PhoneLine).all()
    assert (line.employee_id, str(line.contract_ends_on)) == (kims[1].id, "2027-03-04")


def test_a_list_that_names_no_encoding_is_read_by_the_names_that_are_known_or_asked_about(
    api: Callers, world: World
) -> None:
    account = world.an_account()
    url = f"/accounts/{account.id}/employees/import"
    data = "Name;Number\nGökhan Doğan;17\n".encode("cp1254")
    assert fields(api.piet("POST", url, data=data, content_type="text/csv")) == ["answers.answer-encoding"]
    answered = f'{url}?answers={{"answer-encoding":"cp1254"}}'
    assert api.piet("POST", answered, data=data, content_type="text/csv").json["counts"]["added"] == 1
    # By now his name is known, and nobody is asked.
    again = api.piet("POST", url, data=data, content_type="text/csv")
    assert again.json["counts"]["unchanged"] == 1
    assert [employee.name for employee in db.session.query(Employee)] == ["Gökhan Doğan"]


def test_an_order_s_list_tells_which_encoding_was_assumed(api: Callers, world: World) -> None:
    order = world.an_order(OrderStatus.APPROVED, [(Kind.DESKPHONE, 2)])
    url = f"/orders/{order.reference}/fulfill/list?dry_run=true"
    data = f"MAC;Hersteller\n{an_identifier(Kind.DESKPHONE)};Gökhan Doğan\n".encode("cp1254")
    warning, not_used = api.ada("POST", url, data=data).json["warnings"]
    assert "question-encoding" in warning
    assert "“Hersteller”" in not_used
    answered = f'{url}&answers={{"question-encoding":"cp1254"}}'
    assert "Turkish (Windows): Doğan" in api.ada("POST", answered, data=data).json["warnings"][0]
