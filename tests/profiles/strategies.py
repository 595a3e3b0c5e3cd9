"""Validated events as the schemas let them through, for tests that draw them."""

from typing import Any

from hypothesis import strategies as st

from profiles.sections.section import KINDS

Event = dict[str, Any]
Draw = st.SearchStrategy[Any]

DAY_MS = 86_400_000
EARLIEST_MS = 4_102_444_801  # 1970-02-17
LATEST_MS = 4_102_444_800_000  # 2100-01-01
NOON_MS = 1_600_000_000_000

ANY_TIME = st.integers(EARLIEST_MS, LATEST_MS)
ONE_DAY = st.integers(NOON_MS, NOON_MS + DAY_MS)
A_YEAR = st.integers(NOON_MS, NOON_MS + 365 * DAY_MS)
_DAYS_APART = (0, 1, 29, 30, 31, 63, 64, 65, 89, 90, 365, 366)  # where windows end
ON_EDGES = st.tuples(st.sampled_from(_DAYS_APART), st.sampled_from((-1, 0, 0, 1))).map(
    lambda drawn: (NOON_MS // DAY_MS + drawn[0]) * DAY_MS + drawn[1]
)
"""Few instants, so many are equal, around the midnights at which days and windows end."""

FEW = st.sampled_from([f"k{i}" for i in range(11)] + ["茶", "é", "e\u0301", "😀", " "])
"""Fits the capacity of tops of things."""

MANY = st.integers(0, 300).map(lambda number: f"茶{number}")
"""Fits none: what holds beyond the limits."""

FEWER = st.sampled_from("abcdefgh")  # and of those of habits
FEWEST = st.sampled_from("abcd")  # and of searches
NAMES = st.text("ab 陶瓷茶杯é😀", min_size=1, max_size=200)
PRICES = st.floats(0, 1e9) | st.integers(0, 10**11).map(lambda cents: cents / 100)
QUANTITIES = st.integers(1, 1_000_000) | st.integers(1, 12)
CURRENCIES = st.sampled_from(["GBP", "EUR", "USD", "JPY"])
PURPOSES = st.text("abc._-", min_size=1, max_size=31).map(lambda text: "x" + text)


def _envelope(kind: str, times: Draw) -> dict[str, Draw]:
    return {
        "type": st.just(kind),
        "event_id": st.integers(0, 10**6).map(str),
        "customer_id": st.just("c"),
        "ts": times,
    }


def _lines(kind: str, times: Draw, names: Draw) -> Draw:
    return st.fixed_dictionaries(
        _envelope(kind, times) | {"quantity": QUANTITIES},
        optional={
            "order_id": st.integers(0, 30).map(str),
            "item_id": names,
            "category": names,
            "price": PRICES,
            "amount": PRICES,
            "discount": PRICES,
            "coupon": names,
            "currency": CURRENCIES,
        }
        | _habits(names),
    )


def _habits(names: Draw) -> dict[str, Draw]:
    return dict.fromkeys(("brand", "device", "channel"), FEWER if names is FEW else names)


def _browsing(times: Draw, names: Draw) -> Draw:
    actions = ["view", "search", "cart_add", "cart_remove", "favourite"]
    return st.fixed_dictionaries(
        _envelope("browse", times) | {"action": st.sampled_from(actions)},
        optional={"item_id": names, "category": names, "query": FEWEST if names is FEW else names}
        | _habits(names),
    )


def _feedback(times: Draw, names: Draw) -> Draw:
    ratings = st.floats(0, 10)
    sentiments = st.sampled_from(["negative", "neutral", "positive"])
    optional: dict[str, dict[str, Draw]] = {
        "feedback": {"rating": ratings, "text": names},
        "service": {"resolved": st.booleans(), "score": ratings},
        "mention": {"sentiment": sentiments, "text": names},
        "referral": {},
    }
    return st.one_of(
        st.fixed_dictionaries(_envelope(kind, times), optional=said)
        for kind, said in optional.items()
    )


def _customers(times: Draw, names: Draw) -> Draw:
    fact = names.map(lambda name: name[:64])
    texts = ("gender", "region", "country", "city", "occupation", "education", "source")
    return st.fixed_dictionaries(
        _envelope("customer", times),
        optional=dict.fromkeys(texts, fact)
        | {
            "age": st.integers(0, 130) | fact,
            "income": st.floats(0, 1e9) | fact,
            "interests": st.lists(fact, max_size=32),
            "consent": st.dictionaries(PURPOSES, st.booleans(), max_size=32),
        },
    )


def _touches(times: Draw, _names: Draw) -> Draw:
    actions = ["delivered", "open", "click", "unsubscribe"]
    answers = {"action": st.sampled_from(actions), "campaign": st.sampled_from("abcdefgh")}
    return st.fixed_dictionaries(_envelope("touch", times) | answers)


def events(kind: str, times: Draw, names: Draw = FEW) -> st.SearchStrategy[Event]:
    """Draw validated events of one topic."""
    if kind == "purchase":
        return _lines("purchase", times, names) | _lines("return", times, names)
    draws = {
        "browse": _browsing,
        "feedback": _feedback,
        "customer": _customers,
        "touch": _touches,
    }
    return draws[kind](times, names)


def logs(kind: str, times: Draw, names: Draw = FEW, size: int = 25, least: int = 0) -> Draw:
    """Draw short logs of one topic."""
    return st.lists(events(kind, times, names), min_size=least, max_size=size)


kinds = st.sampled_from(sorted(KINDS))
