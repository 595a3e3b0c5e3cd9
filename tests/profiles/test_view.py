"""A customer's view is a function of the sections, not of the order in which they are read."""

from itertools import permutations

from profiles.sections.folding import DEFAULT_FOLDING
from profiles.sections.purchase import PurchaseFacts
from profiles.view import View

ITEMS = 200  # many more than are kept


def bought(first: int) -> PurchaseFacts:
    facts = PurchaseFacts()
    for number in range(first, first + ITEMS):
        event = {"type": "purchase", "event_id": f"{number}", "item_id": f"i{number % 311}"}
        facts.fold(event | {"ts": number * 10**7}, DEFAULT_FOLDING.half_life_ms)
    return facts


def test_sections_of_one_kind_are_merged_in_the_order_of_their_names() -> None:
    sections = [(f"purchase/{number}", bought(number * 97)) for number in (0, 1, 2, 10)]
    packed = [View.of(order).purchase.pack() for order in permutations(sections)]
    assert all(each == packed[0] for each in packed)
