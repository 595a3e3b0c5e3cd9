"""How campaigns reach a customer, and what they answer."""

from profiles.sections import aspects
from profiles.sections.touch import TouchFacts
from profiles.sketches import daily
from profiles.sketches.decayed import HALF_LIFE_DAYS, heaviest
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import name_text, time_text
from profiles.view import View


def _campaigns(view: View, context: Context) -> Fields:
    facts = view.touch
    if not facts.events:
        return {}
    fields = _delivered(facts, context.as_of) if facts.delivered else {}
    counts = {
        "touch.opened": facts.opened,
        "touch.clicked": facts.clicked,
        "touch.unsubscribed": facts.unsubscribed,
    }
    fields |= {name: str(count) for name, count in counts.items() if count}
    return fields | _answered(facts)


def _delivered(facts: TouchFacts, as_of: int) -> Fields:
    fields = {
        "touch.sent": str(facts.delivered),
        "touch.at": time_text(facts.delivered_at or 0),
    }
    lately = daily.within(facts.days, daily.WINDOW_DAYS, as_of)
    return fields | {"touch.sent_30d": str(lately)} if lately else fields


def _answered(facts: TouchFacts) -> Fields:
    answered = heaviest(facts.answered.weights, 1)
    return {"touch.top_campaign": name_text(answered[0])} if answered else {}


_FROM: Sources = ("touch",)
_OPENED = "messages opened; repeated opens count"
_CLICKED = "links clicked; repeated clicks count"
_TOP = f"most opens and clicks, half-life {HALF_LIFE_DAYS} days unless set"
_LATELY = "sent within 30 days (UTC), today among them"

CAMPAIGNS = TraitGroup(
    (
        Trait("touch.sent", "count", "messages", "messages delivered", "触达次数", _FROM),
        Trait("touch.sent_30d", "count", "messages", _LATELY, "近30天触达", _FROM),
        Trait("touch.at", "time", "UTC", "latest one delivered", "最近触达", _FROM),
        Trait("touch.opened", "count", "opens", _OPENED, "打开次数", _FROM),
        Trait("touch.clicked", "count", "clicks", _CLICKED, "点击次数", _FROM),
        Trait("touch.unsubscribed", "count", "times", "unsubscriptions", "退订次数", _FROM),
        Trait("touch.top_campaign", "text", "campaign", _TOP, "响应最多的活动", _FROM, "8 kept"),
    ),
    _campaigns,
    aspects=aspects.DAYS | aspects.TASTES,
)
