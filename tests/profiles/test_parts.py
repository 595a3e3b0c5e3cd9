"""What is derived only where something changed is what would be derived as a whole."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from profiles.sections.section import KINDS
from profiles.traits import Context
from profiles.traits.catalogue import UNKNOWN, Known
from profiles.traits.edges import RfmEdges
from profiles.traits.parts import difference, joined
from profiles.view import View
from schemas.topics import KIND_OF_TYPE

from .owners import CATALOGUE, CURRENCY
from .strategies import A_YEAR, ANY_TIME, DAY_MS, events, kinds

EDGES = RfmEdges((1, 7, 30, 90), (1, 2, 3, 9), (1.5, 20, 100, 1e3), version=1, at=0)

mixed_logs = st.sampled_from([A_YEAR, ANY_TIME]).flatmap(
    lambda times: st.lists(kinds.flatmap(lambda kind: events(kind, times)), min_size=1, max_size=20)
)


@given(mixed_logs)
def test_parts_derived_event_by_event_are_the_whole(log: list[Any]) -> None:
    facts = {kind: kind_of_facts() for kind, kind_of_facts in KINDS.items()}
    known = UNKNOWN
    for event in log:
        kind = KIND_OF_TYPE[event["type"]]
        facts[kind].fold(dict(event))
        view = View.of(facts.items())
        context = Context(view.last_seen or 0, CURRENCY, EDGES)
        (parts,) = CATALOGUE.parts([view], [context], [known._replace(changed=kind)])
        assert joined(parts) == CATALOGUE.derive(view, context)
        known = Known(parts, "")


@given(mixed_logs, st.integers(0, 400 * DAY_MS))
def test_timeless_groups_look_at_their_sources_alone(log: list[Any], later: int) -> None:
    """Neither the moment nor the population nor another kind of section may move them."""
    facts = {kind: kind_of_facts() for kind, kind_of_facts in KINDS.items()}
    for event in log:
        facts[KIND_OF_TYPE[event["type"]]].fold(dict(event))
    view = View.of(facts.items())
    now = view.last_seen or 0
    for group in CATALOGUE.groups:
        if group.timeless:
            sources = {source for each in group.traits for source in each.sources}
            alone = View.of((kind, each) for kind, each in facts.items() if kind in sources)
            derived = group.derive(view, Context(now, CURRENCY, EDGES))
            assert group.derive(alone, Context(now + later, CURRENCY)) == derived


@given(mixed_logs, mixed_logs)
def test_a_difference_leads_from_the_fields_before_to_those_after(
    one: list[Any], two: list[Any]
) -> None:
    before, after = map(parts_of, (one, two))
    changed, ended = difference(before, after)
    fields = {name: text for name, text in joined(before).items() if name not in ended}
    assert fields | changed == joined(after)
    assert not changed.items() & joined(before).items()


def parts_of(log: list[Any]) -> list[dict[str, str]]:
    facts = {kind: kind_of_facts() for kind, kind_of_facts in KINDS.items()}
    for event in log:
        facts[KIND_OF_TYPE[event["type"]]].fold(dict(event))
    view = View.of(facts.items())
    context = Context(view.last_seen or 0, CURRENCY)
    return CATALOGUE.parts([view], [context], [UNKNOWN])[0]
