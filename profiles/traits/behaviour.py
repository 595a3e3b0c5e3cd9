"""What a customer does in the shop: visits, carts, and what comes of them."""

from profiles.sections import aspects
from profiles.sections.purchase import DAY_MS
from profiles.sketches.sessions import Sessions
from profiles.sketches.visits import shares_followed
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import ratio_text
from profiles.view import View


def _behaviour(view: View, context: Context) -> Fields:
    facts = view.browse
    if not facts.sessions.count:
        return {}
    counts = {
        "views": facts.views,
        "searches": facts.searches,
        "cart_adds": facts.cart_adds,
    }
    fields = {counter: str(count) for counter, count in counts.items() if count}
    fields |= _sessions(facts.sessions)
    return fields | _outcomes(view, context.as_of)


def _sessions(sessions: Sessions) -> Fields:
    return {
        "sessions": str(sessions.count),
        "session.seconds": ratio_text(sessions.length_ms / sessions.count / 1000),
        "session.events": ratio_text(sessions.events / sessions.count),
    }


def _outcomes(view: View, as_of: int) -> Fields:
    """Tell what came of visits and of carts, and how long the first purchase took."""
    bought, looked = view.purchase, view.browse
    fields = {}
    converted, kept = shares_followed(looked.visits, bought.days.numbers(), as_of // DAY_MS)
    if converted is not None:
        fields["visit_conversion"] = ratio_text(converted)
    if kept is not None:
        fields["cart_abandonment"] = ratio_text(1 - kept)
    first_look, first_purchase = looked.first_seen, bought.first_purchase
    if first_look is not None and first_purchase is not None and first_purchase >= first_look:
        fields["days_to_purchase"] = ratio_text((first_purchase - first_look) / DAY_MS)
    return fields


_SOURCES: Sources = ("browse",)
_BOTH: Sources = ("browse", "purchase")
_LATE = "events up to 24 h late"
_DAYS = "64 days up to the latest visit"


def _count(name: str, en: str, zh: str) -> Trait:
    return Trait(name, "count", "events", en, zh, _SOURCES, range="1..")


BEHAVIOUR = TraitGroup(
    (
        _count("views", "items or pages looked at", "浏览次数"),
        _count("searches", "searches", "搜索次数"),
        _count("cart_adds", "put into the cart", "加购次数"),
        Trait(
            "sessions",
            "count",
            "sessions",
            "visits: browsing without a pause of over 30 minutes",
            "会话数",
            _SOURCES,
            _LATE,
        ),
        Trait(
            "session.seconds",
            "ratio",
            "s",
            "mean time from first to last event",
            "平均会话时长",
            _SOURCES,
            _LATE,
        ),
        Trait(
            "session.events",
            "ratio",
            "events",
            "mean number of events",
            "平均会话深度",
            _SOURCES,
            _LATE,
        ),
        Trait(
            "visit_conversion",
            "ratio",
            "share",
            "days with a visit that brought a purchase, that day or the next",
            "访问转化率",
            _BOTH,
            _DAYS,
            "0..1",
        ),
        Trait(
            "cart_abandonment",
            "ratio",
            "share",
            "days with a cart filled that brought none",
            "弃购率",
            _BOTH,
            _DAYS,
            "0..1",
        ),
        Trait(
            "days_to_purchase",
            "ratio",
            "days",
            "from the first visit to the first purchase, where that is later",
            "首访到首购天数",
            _BOTH,
        ),
    ),
    _behaviour,
    aspects=aspects.VISITS | aspects.DAYS,
)
