"""What a customer does in the shop without buying."""

from profiles.sections.browse import COUNTERS
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import time_text
from profiles.view import View


def _behaviour(view: View, _context: Context) -> Fields:
    facts = view.browse
    last = facts.sessions.last
    if last is None:
        return {}
    fields = {counter: str(getattr(facts, counter)) for counter in COUNTERS.values()}
    fields["sessions"] = str(facts.sessions.count)
    fields["last_session.start"] = time_text(last[0])
    fields["last_session.end"] = time_text(last[1])
    return fields


_SOURCES: Sources = ("browse",)
_LATE = "events up to 24 h late"

BEHAVIOUR = TraitGroup(
    (
        Trait("views", "count", "events", "items or pages looked at", "浏览次数", _SOURCES),
        Trait("searches", "count", "events", "searches", "搜索次数", _SOURCES),
        Trait("cart_adds", "count", "events", "put into the cart", "加购次数", _SOURCES),
        Trait("cart_removes", "count", "events", "taken out again", "移出购物车次数", _SOURCES),
        Trait("favourites", "count", "events", "marked as favourite", "收藏次数", _SOURCES),
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
            "last_session.start", "time", "UTC", "its first event", "最近会话开始", _SOURCES, _LATE
        ),
        Trait("last_session.end", "time", "UTC", "its last event", "最近会话结束", _SOURCES, _LATE),
    ),
    _behaviour,
)
