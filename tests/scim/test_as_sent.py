"""Requests as Okta and Entra really send them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from hwadmin.db.extensions import db
from hwadmin.models import Account, AccountingCode, Employee
from hwadmin.scim.schema import CORE, ENTERPRISE
from tests.builders import World
from tests.scim.pushers import BULK, PATCH, Pusher, refusal, user


def employee(user_name: str) -> Employee:
    db.session.expire_all()
    return db.session.scalars(select(Employee).where(Employee.user_name == user_name)).one()


def test_entra_takes_somebody_in_and_changes_them(okta: Pusher) -> None:
    # As the documentation of Entra's provisioning service shows it.
    body = {
        "schemas": [CORE, ENTERPRISE],
        "externalId": "jyoung",
        "userName": "jyoung@testuser.com",
        "active": True,
        "addresses": None,
        "displayName": "Joy Young",
        "emails": [{"type": "work", "value": "jyoung@Contoso.com", "primary": True}],
        "meta": {"resourceType": "User"},
        "name": {"familyName": "Young", "givenName": "Joy"},
        "phoneNumbers": None,
        "preferredLanguage": None,
        "title": None,
        ENTERPRISE: {"department": None, "manager": None},
    }
    answer = okta("POST", "/Users", body)
    assert answer.status_code == 201, answer.text
    key = answer.get_json(force=True)["id"]
    okta.patch(
        key,
        {"op": "Replace", "path": "displayName", "value": "Joy B. Young"},
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "joy@contoso.com"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+31 6 12345678"},
        {"op": "Add", "path": 'addresses[type eq "work"].locality', "value": "Utrecht"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Cardiology"},
        {"op": "Replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "4711"},
        {"op": "Add", "path": "preferredLanguage", "value": "nl"},
    )
    joy = employee("jyoung@testuser.com")
    assert (joy.name, joy.email, joy.department) == ("Joy B. Young", "joy@contoso.com", "Cardiology")
    assert (joy.employee_number, joy.phone_number, joy.external_id) == ("4711", "+31 6 12345678", "jyoung")
    assert "addresses" not in okta.read(key)


@pytest.mark.parametrize("active", ["False", "false", False, [{"value": "False"}]])
def test_entra_deactivates_with_booleans_in_strings(okta: Pusher, active: Any) -> None:
    key = okta.create()["id"]
    okta.patch(key, {"op": "Replace", "path": "active", "value": active})
    assert employee("dana@example.com").deactivated_at is not None
    assert okta.read(key)["active"] is False
    okta.patch(key, {"op": "Replace", "path": "active", "value": "True"})
    assert employee("dana@example.com").deactivated_at is None


def test_okta_deactivates_without_a_path(okta: Pusher) -> None:
    key = okta.create()["id"]
    okta.patch(key, {"op": "replace", "value": {"active": False}})
    assert employee("dana@example.com").deactivated_at is not None


def test_okta_puts_the_whole_user_back_with_everything_it_was_given(okta: Pusher) -> None:
    made = okta.create(
        name={"givenName": "Dana", "familyName": "Reed"},
        emails=[{"primary": True, "value": "dana@example.com", "type": "work"}],
        locale="en-US",
        password="t1meMa$heen",
        groups=[],
        active=True,
    )
    made |= {"title": "Nurse", "groups": [], "phoneNumbers": [{"value": "", "type": "work"}]}
    answer = okta("PUT", f"/Users/{made['id']}", made)
    assert answer.status_code == 200, answer.text
    dana = employee("dana@example.com")
    assert (dana.name, dana.title, dana.phone_numbers) == ("Dana Reed", "Nurse", None)
    assert "t1me" not in repr(dana.directory_record)


MANAGERS = [
    {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "{boss}"},
    {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": {"value": "{boss}"}},
    {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": [{"$ref": "../Users/x", "value": "{boss}"}]},
    {
        "op": "replace",
        "path": f"{ENTERPRISE}:manager",
        "value": {"value": "{boss}", "$ref": "https://example.com/Users/1", "displayName": "Somebody"},
    },
    {"op": "Replace", "path": f"{ENTERPRISE}:manager.value", "value": "{boss}"},
    {"op": "Replace", "value": {f"{ENTERPRISE}:manager": "{boss}"}},
    {"op": "Replace", "value": {ENTERPRISE: {"manager": "{boss}"}}},
    {"op": "Replace", "path": ENTERPRISE, "value": {"manager": {"value": "{boss}"}}},
]


def filled(value: Any, boss: str) -> Any:
    if isinstance(value, dict):
        return {name: filled(of, boss) for name, of in value.items()}
    if isinstance(value, list):
        return [filled(of, boss) for of in value]
    return boss if value == "{boss}" else value


@pytest.mark.parametrize("operation", MANAGERS, ids=range(len(MANAGERS)))
def test_a_manager_is_understood_in_every_shape(okta: Pusher, operation: dict[str, Any]) -> None:
    boss, dana = okta.create("boss@example.com", displayName="The Boss"), okta.create()
    okta.patch(dana["id"], filled(operation, boss["id"]))
    assert employee("dana@example.com").manager_id == employee("boss@example.com").id
    manager = okta.read(dana["id"])[ENTERPRISE]["manager"]
    assert manager["value"] == boss["id"]
    assert manager["displayName"] == "The Boss"
    assert manager["$ref"] == f"http://localhost{okta.base}/Users/{boss['id']}"


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Remove", "path": f"{ENTERPRISE}:manager"},
        {"op": "Remove", "path": f"{ENTERPRISE}:manager", "value": [{"value": "{boss}"}]},
        {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": ""},
        {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": None},
        {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": {"value": None}},
    ],
    ids=range(5),
)
def test_a_manager_is_taken_away_in_every_shape(okta: Pusher, operation: dict[str, Any]) -> None:
    boss = okta.create("boss@example.com")
    dana = okta.create(company={"manager": boss["id"]})
    assert employee("dana@example.com").manager_id is not None
    okta.patch(dana["id"], filled(operation, boss["id"]))
    assert employee("dana@example.com").manager_id is None
    assert "manager" not in okta.read(dana["id"]).get(ENTERPRISE, {})


@pytest.mark.parametrize(
    "way", ["boss@example.com", "BOSS@example.com", "E-77", "hr-12", "b.oss@example.com"]
)
def test_a_manager_is_found_by_any_name_of_theirs_also_when_pushed_later(okta: Pusher, way: str) -> None:
    okta.create(company={"manager": way})
    assert employee("dana@example.com").manager_id is None
    okta.create(
        "boss@example.com",
        externalId="hr-12",
        emails=[{"value": "b.oss@example.com"}],
        company={"employeeNumber": "E-77"},
    )
    boss = employee("boss@example.com")
    assert employee("dana@example.com").manager_id == boss.id
    okta.create("kofi@example.com", company={"manager": {"value": way}})
    assert employee("kofi@example.com").manager_id == boss.id


def test_nobody_is_their_own_manager(okta: Pusher) -> None:
    dana = okta.create(company={"manager": "dana@example.com"})
    okta.patch(dana["id"], {"op": "Replace", "path": f"{ENTERPRISE}:manager", "value": dana["id"]})
    assert employee("dana@example.com").manager_id is None


def test_a_patch_without_a_path_may_select_among_several_values(okta: Pusher) -> None:
    key = okta.create(emails=[{"type": "work", "value": "old@example.com"}])["id"]
    okta.patch(
        key,
        {
            "op": "Replace",
            "value": {
                "name.familyName": "Reed",
                'emails[type eq "work"].value': "new@example.com",
                'emails[type eq "home"].value': "home@example.com",
                f"{ENTERPRISE}:division": "North",
                "id": key,
                "nickName": "Dee",
            },
        },
    )
    found = okta.read(key)
    assert [one["value"] for one in found["emails"]] == ["new@example.com", "home@example.com"]
    assert (found["name"]["familyName"], found[ENTERPRISE]["division"]) == ("Reed", "North")


def test_a_value_is_removed_by_its_value(okta: Pusher) -> None:
    key = okta.create(emails=[{"value": "a@example.com"}, {"value": "b@example.com"}])["id"]
    okta.patch(key, {"op": "Remove", "path": "emails", "value": [{"value": "a@example.com"}]})
    assert [one["value"] for one in okta.read(key)["emails"]] == ["b@example.com"]
    assert employee("dana@example.com").email == "b@example.com"


@pytest.mark.parametrize("value", ["", None])
def test_what_is_emptied_is_gone(okta: Pusher, value: str | None) -> None:
    key = okta.create(title="Nurse")["id"]
    okta.patch(key, {"op": "Replace", "path": "title", "value": value})
    assert "title" not in okta.read(key)
    assert employee("dana@example.com").title is None


def test_a_cost_center_becomes_an_accounting_code_and_the_employees_split(
    world: World, account: Account, okta: Pusher
) -> None:
    key = okta.create(company={"costCenter": "CC-100"})["id"]
    okta.create("kofi@example.com", company={"costCenter": "CC-100"})
    codes = db.session.scalars(select(AccountingCode.code).where(AccountingCode.account_id == account.id))
    assert list(codes) == ["CC-100"]
    assert employee("dana@example.com").accounting_codes == [{"code": "CC-100", "percent": "100"}]
    okta.patch(key, {"op": "Remove", "path": f"{ENTERPRISE}:costCenter"})
    assert employee("dana@example.com").accounting_codes is None


def test_a_change_carries_the_version_it_was_decided_on(okta: Pusher) -> None:
    made = okta.create()
    tag = made["meta"]["version"]
    assert okta.get(f"/Users/{made['id']}", If_None_Match=tag).status_code == 304
    okta.patch(made["id"], {"op": "replace", "path": "title", "value": "Nurse"}, If_Match=tag)
    refusal(okta.patch(made["id"], {"op": "remove", "path": "title"}, status=412, If_Match=tag), 412)
    now = okta.get(f"/Users/{made['id']}")
    assert now.headers["ETag"] == now.get_json(force=True)["meta"]["version"] != tag
    # What changes nothing leaves the version, and no event.
    okta.patch(made["id"], {"op": "Replace", "path": "title", "value": "Nurse"})
    assert okta.read(made["id"])["meta"]["version"] == now.headers["ETag"]


def test_a_bulk_request_does_what_it_can_and_says_what_it_could_not(okta: Pusher) -> None:
    okta.create("taken@example.com")
    body = {
        "schemas": [BULK],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("a@example.com")},
            {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("Taken@example.com")},
            {
                "method": "POST",
                "path": "/Users",
                "bulkId": "c",
                "data": user("c@example.com", active="False", company={"manager": "bulkId:a"}),
            },
            {"method": "DELETE", "path": "/Users/nobody"},
        ],
    }
    answer = okta("POST", "/Bulk", body)
    assert answer.status_code == 200, answer.text
    assert [one["status"] for one in answer.get_json(force=True)["Operations"]] == [
        "201",
        "409",
        "201",
        "404",
    ]
    assert employee("c@example.com").manager_id == employee("a@example.com").id


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"schemas": [CORE]}, "invalidValue"),
        (user("x" * 300), "invalidValue"),
        (user("dana", title="a\x00b"), "invalidValue"),
        (user("dana", name={"formatted": "a\nb"}), "invalidValue"),
        (user("dana", emails=[{"value": "no address"}]), "invalidValue"),
        (user("dana", emails=[{"value": f"{n}@example.com"} for n in range(50)]), "invalidValue"),
        (user("dana", company={"costCenter": "c" * 100}), "invalidValue"),
        (user("dana", active="perhaps"), "invalidValue"),
        (user("dana", emails="dana@example.com"), "invalidValue"),
        ([], None),
        ("text", None),
    ],
    ids=range(11),
)
def test_what_cannot_be_stored_is_refused_in_words(okta: Pusher, body: Any, kind: str | None) -> None:
    detail = refusal(okta("POST", "/Users", body), 400)
    assert kind is None or detail["scimType"] == kind
    assert okta.get("/Users").get_json(force=True)["totalResults"] == 0


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("filter=userName+is+5", "invalidFilter"),
        ("filter=shoeSize+eq+5", "invalidFilter"),
        ('filter=meta.version+eq+"1"', "invalidFilter"),
        ("sortBy=emails.type", "invalidPath"),
        ("sortBy=shoeSize", "invalidPath"),
        ("count=many", "invalidValue"),
        ("filter=" + "(" * 400, "invalidFilter"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(okta: Pusher, query: str, kind: str) -> None:
    assert refusal(okta.get(f"/Users?{query}"), 400)["scimType"] == kind


def test_people_are_listed_in_pages(okta: Pusher) -> None:
    for number in range(5):
        okta.create(f"user{number}")
    page = okta.get("/Users?startIndex=3&count=2&sortBy=userName&sortOrder=descending").get_json(force=True)
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (5, 2, 3)
    assert [one["userName"] for one in page["Resources"]] == ["user2", "user1"]
    assert okta.get("/Users?count=0").get_json(force=True)["totalResults"] == 5
    assert okta.get("/Users?count=100000").get_json(force=True)["itemsPerPage"] == 5


def test_an_unknown_kind_of_thing_is_not_there(okta: Pusher) -> None:
    for path in ("/Groups", "/Groups/1", "/Nothing", "/Users/x/y"):
        refusal(okta.get(path), 404)
    refusal(okta("DELETE", "/Schemas"), 405)
    refusal(okta("POST", "/Users", "no JSON", Content_Type="text/plain"), 415)
    refusal(okta("PATCH", "/Users/x", {"schemas": [PATCH], "Operations": []}), 400)
