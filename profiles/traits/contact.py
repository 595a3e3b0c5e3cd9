"""How a customer deals with the service, and what they tell others."""

from profiles.sections import aspects
from profiles.sections.feedback import RATING_SCALE, FeedbackFacts
from profiles.traits.catalogue import Context, Fields, Sources, Trait, TraitGroup
from profiles.traits.text import ratio_text
from profiles.view import View


def _contact(view: View, _context: Context) -> Fields:
    facts = view.feedback
    fields = _service(facts) if facts.contacts else {}
    if facts.mentions:
        fields["mention.n"] = str(facts.mentions)
        fields["mention.balance"] = ratio_text((facts.praising - facts.blaming) / facts.mentions)
    if facts.referrals:
        fields["referrals"] = str(facts.referrals)
    return fields


def _service(facts: FeedbackFacts) -> Fields:
    fields = {"service.n": str(facts.contacts)}
    told = facts.resolved + facts.unresolved
    if told:
        fields["service.resolved"] = ratio_text(facts.resolved / told)
    if facts.scores:
        fields["service.score"] = ratio_text(facts.score_sum / facts.scores / RATING_SCALE)
    return fields


_FROM: Sources = ("feedback",)
_RESOLVED = "share resolved, of those of which it was said"
_SCORE = "mean satisfaction with it"
_BALANCE = "(positive - negative) / all, neutral ones and unknown ones among them"

CONTACT = TraitGroup(
    (
        Trait("service.n", "count", "contacts", "contacts with service", "客服联系次数", _FROM),
        Trait("service.resolved", "ratio", "", _RESOLVED, "客服解决率", _FROM, range="0..1"),
        Trait("service.score", "ratio", "as sent", _SCORE, "客服满意度", _FROM, range="0..10"),
        Trait("mention.n", "count", "mentions", "public mentions", "社交提及次数", _FROM),
        Trait("mention.balance", "ratio", "", _BALANCE, "提及情感差", _FROM, range="-1..1"),
        Trait("referrals", "count", "customers", "customers brought", "推荐人数", _FROM),
    ),
    _contact,
    timeless=True,
    aspects=aspects.NONE,
)
