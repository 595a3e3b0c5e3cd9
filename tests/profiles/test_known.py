"""What is known of a customer: the latest statement stands, and says who made it."""

from hypothesis import given
from hypothesis import strategies as st

from profiles.sections.customer import MAX_FACTS, CustomerFacts, merge_statements
from profiles.traits import Fields
from profiles.traits.known import MAX_CONSENTS

from .strategies import NOON_MS, Event
from .test_traits import profile


def stated(before: int, source: str | None = None, **facts: object) -> Event:
    """State facts `before` ms before noon."""
    event = {"type": "customer", "ts": NOON_MS - before} | facts
    return event if source is None else event | {"source": source}


def sources(*events: Event) -> str | None:
    return profile(*events).get("facts.source")


def test_facts_name_who_stated_them_latest_first() -> None:
    crm, form = stated(1, "crm", city="Bonn", age=34), stated(0, "form", age=35)
    assert sources(crm) == "crm"
    assert sources(crm, form) == sources(form, crm) == "form, crm"
    assert sources(crm, stated(0, "form", age=35, city="Rome")) == "form"  # nothing of crm's stands
    assert sources(stated(0, city="Bonn")) is None


def test_of_interests_that_were_withdrawn_nothing_is_said() -> None:
    had, none = stated(1, "crm", interests=["tea"]), stated(0, "form", interests=[])
    assert profile(had)["fact.interests"] == "tea"
    assert not profile(had, none).keys() & {"fact.interests", "facts.source"}


def test_a_statement_without_a_source_is_not_named() -> None:
    assert sources(stated(1, "crm", city="Bonn"), stated(0, age=35)) == "crm"


def test_the_source_is_no_fact() -> None:
    assert not [name for name in profile(stated(0, "crm")) if name.startswith("fact")]


def test_every_fact_keeps_its_own_source_and_time() -> None:
    facts = CustomerFacts()
    for event in (stated(2, "crm", city="Bonn", age=34), stated(1, "form", age=35), stated(3)):
        facts.fold(event | {"event_id": "1"})
    assert facts.statements == [
        [NOON_MS - 1, "form", {"age": 35}],
        [NOON_MS - 2, "crm", {"city": "Bonn"}],
    ]


def consents(fields: Fields) -> list[str]:
    return [name for name in fields if name.startswith("consent.")]


def test_more_consents_are_kept_than_shown() -> None:
    event = stated(0, consent={f"p{i:02}": i % 2 == 0 for i in range(32)})
    shown = profile(event)
    assert consents(shown) == [f"consent.p{i:02}" for i in range(MAX_CONSENTS)]
    assert (shown["consent.p00"], shown["consent.p01"]) == ("true", "false")
    facts = CustomerFacts()
    facts.fold(event | {"event_id": "1"})
    assert [len(stated) for *_, stated in facts.statements] == [32]


names = st.sampled_from([f"f{i:02}" for i in range(40)] + [f"consent.{i:02}" for i in range(40)])
statement = st.tuples(
    st.integers(0, 3), st.sampled_from(["", "a", "b"]),
    st.dictionaries(names, st.integers(0, 2) | st.sampled_from(["x", "1"]), min_size=30),
)  # fmt: skip


def facts_of(ts: int, source: str, values: dict[str, object]) -> CustomerFacts:
    facts = CustomerFacts()
    facts.fold({"ts": ts, "event_id": "1", "source": source} | values)
    return facts


@given(statement, statement, statement)
def test_beyond_the_limit_the_same_facts_stay_in_any_order(one, two, three) -> None:  # type: ignore[no-untyped-def]  # drawn
    a, b, c = (facts_of(*each).statements for each in (one, two, three))
    left = merge_statements(merge_statements(a, b), c)
    assert left == merge_statements(a, merge_statements(c, b))
    assert left == merge_statements(merge_statements(b, a), c)
    kept = [name for *_, values in left for name in values]
    assert len(kept) == len(set(kept)) <= MAX_FACTS
