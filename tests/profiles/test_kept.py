"""Sections that keep no more than some traits need: the same traits, in fewer bytes, and no mix."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from profiles.chosen import folding_of
from profiles.errors import OtherAspectsError
from profiles.sections import aspects
from profiles.sections.facts import Facts
from profiles.sections.folding import DEFAULT_FOLDING, Folding
from profiles.sections.section import KINDS, Header, Section
from profiles.settings import Settings
from profiles.stores.memory import MemoryStore
from profiles.traits import Context, catalogue
from profiles.traits.catalogue import Catalogue
from profiles.traits.edges import RfmEdges
from profiles.view import View

from .owners import CATALOGUE, CURRENCY, PURCHASES, Owner, random_log
from .strategies import A_YEAR, events

HEADER = Header(DEFAULT_FOLDING.version, 1, 0)
EDGES = RfmEdges((1, 9, 30, 90), (1, 2, 3, 4), (5, 50, 500, 5000), version=1, at=0)
LOG = random_log("purchase", 200)

masks = st.integers(aspects.NONE, aspects.ALL)
logs = st.sampled_from(sorted(KINDS)).flatmap(
    lambda kind: st.tuples(st.just(kind), *[st.lists(events(kind, A_YEAR), max_size=12)] * 2)
)
customers = st.fixed_dictionaries(
    {kind: st.lists(events(kind, A_YEAR), max_size=8) for kind in KINDS}
)


def folded(kind: str, log: list[Any], keeps: int) -> Facts:
    """Return the facts of a log that keep these aspects."""
    facts = KINDS[kind](keeps)
    for event in log:
        facts.fold(event)
    return facts


def view_of(logs: dict[str, list[Any]], keeps: int) -> View:
    """Return a customer whose sections keep these aspects."""
    return View.of((kind, folded(kind, log, keeps)) for kind, log in logs.items())


@pytest.mark.parametrize("group", CATALOGUE.groups, ids=lambda group: group.traits[0].name)
@given(customers)
def test_traits_need_no_more_than_the_aspects_that_their_group_declares(
    group: Any, logs: dict[str, list[Any]]
) -> None:
    of_all, of_some = view_of(logs, aspects.ALL), view_of(logs, group.aspects)
    context = Context(of_all.last_seen or 0, CURRENCY, EDGES)
    assert group.derive(of_some, context) == group.derive(of_all, context)


@given(logs, masks)
def test_what_is_kept_is_what_sections_that_keep_everything_hold(
    drawn: tuple[str, Any, Any], keeps: int
) -> None:
    kind, log, _ = drawn
    narrow, wide = folded(kind, log, keeps), folded(kind, log, aspects.ALL)
    for name, monoid in narrow.LAYOUT.items():
        kept = not narrow.NEEDS.get(name, aspects.NONE) & ~keeps
        expected = getattr(wide, name) if kept else monoid.empty()
        plain = monoid.pack or (lambda value: value)
        assert plain(getattr(narrow, name)) == plain(expected), name


@given(logs, masks)
def test_narrow_sections_come_back_from_their_bytes_and_go_on(
    drawn: tuple[str, Any, Any], keeps: int
) -> None:
    kind, first, second = drawn
    folding = Folding(keeps=keeps)
    stored = Section(folded(kind, first, keeps)).encode(HEADER)
    again = Section.decode(kind, stored, folding)
    assert again.encode(HEADER) == stored
    for event in second:
        again.facts.fold(event)
    assert again.facts.pack() == folded(kind, first + second, keeps).pack()


@given(logs, masks)
def test_narrow_facts_merge_to_what_merged_ones_keep(
    drawn: tuple[str, Any, Any], keeps: int
) -> None:
    kind, a, b = drawn
    narrow = folded(kind, a, keeps).merged(folded(kind, b, keeps))
    wide = folded(kind, a, aspects.ALL).merged(folded(kind, b, aspects.ALL))
    names = [n for n in narrow.LAYOUT if not narrow.NEEDS.get(n, aspects.NONE) & ~keeps]
    plain = {name: narrow.LAYOUT[name].pack or (lambda value: value) for name in names}
    assert [plain[n](getattr(narrow, n)) for n in names] == [
        plain[n](getattr(wide, n)) for n in names
    ]
    assert narrow.keeps == keeps


@given(masks, masks)
def test_a_section_is_read_as_what_it_keeps_or_not_at_all(stored: int, own: int) -> None:
    encoded = Section.empty("purchase", stored).encode(HEADER)
    if stored == own:
        assert Section.decode("purchase", encoded, Folding(keeps=own)).facts.keeps == own
        return
    with pytest.raises(OtherAspectsError, match="PORTRAIT_KEEP") as caught:
        Section.decode("purchase", encoded, Folding(keeps=own))
    assert caught.value.evidence["stored"] == aspects.named(stored)
    assert caught.value.evidence["own"] == aspects.named(own)


def chosen(store: MemoryStore, traits: Catalogue) -> Owner:
    """Return an owner that derives these traits, from sections that keep nothing else."""
    return Owner(store, PURCHASES, folding=Folding(keeps=traits.aspects), traits=traits)


async def test_profiles_of_a_few_traits_are_the_same_and_their_sections_smaller() -> None:
    few = catalogue(only=["revenue", "last_purchase"])
    narrow, wide = MemoryStore(), MemoryStore()
    await chosen(narrow, few).follow(LOG, 30)
    await Owner(wide, PURCHASES).follow(LOG, 30)
    names = {each.name for group in few.groups for each in group.traits}
    assert narrow.profiles.keys() == wide.profiles.keys()
    for customer, profile in wide.profiles.items():
        expected = {name: text for name, text in profile.items() if name.split(".")[0] in names}
        assert narrow.profiles[customer] == expected
        small, large = (store.sections[customer]["purchase/0"] for store in (narrow, wide))
        assert len(small) < len(large) / 2
        assert b"item" not in small  # what was bought is nobody's business then
    assert few.aspects == aspects.NONE


async def test_a_worker_that_keeps_something_else_does_not_begin() -> None:
    store = MemoryStore()
    await Owner(store, PURCHASES).follow(LOG, 100)
    with pytest.raises(OtherAspectsError, match=r"keeps counts, orders, .* keep counts: set"):
        await chosen(store, catalogue(only=["revenue"])).updater.agree()


def test_models_and_sections_that_keep_a_few_things_exclude_each_other() -> None:
    with pytest.raises(ValidationError, match="PORTRAIT_KEEP is 'traits'") as caught:
        Settings(keep="traits")
    assert caught.value.errors()[0]["loc"] == ("keep",)
    assert folding_of(Settings()) == DEFAULT_FOLDING
    everything = Settings(keep="traits", learning=False)
    assert folding_of(everything) == DEFAULT_FOLDING  # all traits need everything
