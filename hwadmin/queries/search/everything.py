"""Searching everything the product holds by one text.

Each table is searched by itself with an index of its own, for no more rows than are shown.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from hwadmin.db.extensions import db
from hwadmin.domain.permissions import Actor
from hwadmin.models import CatalogItem
from hwadmin.queries.devices.conditions import ever_identified
from hwadmin.queries.devices.devices import DeviceRow, device_rows
from hwadmin.queries.orders.search import platforms_named
from hwadmin.queries.people.platforms import platform_names
from hwadmin.queries.scope import within
from hwadmin.queries.search.hits import MAX_HITS, Hits, ModelHit, PlatformHit, SearchResults
from hwadmin.queries.search.orders_and_accounts import matching_accounts, matching_orders
from hwadmin.queries.search.people_and_numbers import matching_employees, matching_lines
from hwadmin.queries.search.staff_and_distributors import matching_staff_and_distributors
from hwadmin.queries.text_match import CATALOG, SearchWord, plain, plan_for_these_words, words_of


def search_everything(actor: Actor, text: str) -> SearchResults:
    """Everything the text matches among what the actor has access to; nothing for a blank text.

    An order is found by its reference and by the distributor's; or else by words of the distributor or of
    the account. A device is found by any writing of its identifier or of its beginning, a model by words
    of make, model and SKU. An account is found by words that are each part of its name or its platform's,
    an employee by words that are each part of their name, e-mail address or number; words of their
    account may stand before or behind. Two letters are the beginning of a word. Who signs in here is
    found by who may read the people, a distributor by who may read the distributors: by words of name,
    e-mail address and our customer number. A phone line is found by any writing of its phone number. Five
    words of the first hundred characters count.
    """
    text = plain(text)
    terms = words_of(text)
    if not terms:
        return SearchResults()
    plan_for_these_words()
    platforms = platforms_named(platform_names(actor), terms)
    named = [PlatformHit(key, name) for key, name in platforms.whole.items()]
    accounts = matching_accounts(actor, terms, platforms)
    orders, referenced = matching_orders(actor, text, terms, [account.id for account in accounts[:MAX_HITS]])
    # Who types a reference wants that order, not what has its digits somewhere.
    widely = not referenced and all(term.indexed or term.behind for term in terms)
    people, distributors = matching_staff_and_distributors(actor, terms) if widely else ((), ())
    return SearchResults(
        orders=Hits.first(orders),
        devices=Hits.first(_devices(actor, text)),
        models=Hits.first(_models(actor, terms) if widely else ()),
        employees=Hits.first(matching_employees(actor, terms), lambda hit: (hit.name.casefold(), hit.id)),
        people=Hits.first(people),
        lines=Hits.first(matching_lines(actor, text)),
        accounts=Hits.first(accounts, lambda hit: (hit.name.casefold(), hit.id)),
        distributors=Hits.first(distributors),
        platforms=Hits.first(named, lambda hit: hit.name.casefold()),
    )


def _devices(actor: Actor, text: str) -> Sequence[DeviceRow]:
    matches = ever_identified(text)
    if matches is None:
        return []
    return device_rows(actor, matches, limit=MAX_HITS + 1)


def _models(actor: Actor, terms: Sequence[SearchWord]) -> Sequence[ModelHit]:
    """The makes and models of the catalogs, each once however many platforms sell it."""
    rows = db.session.execute(
        select(
            CatalogItem.make,
            CatalogItem.model,
            func.min(CatalogItem.kind, type_=CatalogItem.kind.type).label("kind"),
        )
        .where(within(actor, CatalogItem), CATALOG.holds_all(terms))
        .group_by(CatalogItem.make, CatalogItem.model)
        .order_by(CatalogItem.make, CatalogItem.model)
        .limit(MAX_HITS + 1)
    )
    return [ModelHit(**row._mapping) for row in rows]
