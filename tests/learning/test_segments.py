import random

import pytest

from profiles.learning.learner import Learner
from profiles.learning.models.named_k_means import WARM_UP
from profiles.learning.seeding import seed_centres
from profiles.learning.segments import LADDER, Segments
from tests.learning.shop import asked, example_id, features

# (orders, revenue, decayed, gap) of five kinds of customers, from the least to the most engaged
KINDS = [
    (1, 30, 1, 365),
    (4, 200, 1.5, 60),
    (12, 900, 4, 25),
    (40, 5_000, 10, 10),
    (150, 40_000, 40, 2),
]


def questions(count, seed=1, start=0):
    """Customers of the five kinds in turn, each a little different."""
    rng = random.Random(seed)
    for number in range(start, start + count):
        orders, revenue, decayed, gap = (v * rng.uniform(0.9, 1.1) for v in KINDS[number % 5])
        row = features(orders=orders, revenue=revenue, decayed_orders_90=decayed, last_gap_days=gap)
        yield asked(f"c{number}", number, row, number)


def learnt(count):
    learner = Learner([Segments()])
    learner.learn(questions(count))
    return learner.tasks["segment"]


def test_during_the_warm_up_there_are_no_segments():
    segments = learnt(WARM_UP - 1)
    assert segments.export() is None
    assert segments.card()["sizes"] == {}


def test_each_name_is_given_once_from_the_least_to_the_most_engaged():
    numbers = learnt(WARM_UP).export()
    orders = {
        name: centre[0] for name, centre in zip(numbers["names"], numbers["centres"], strict=True)
    }
    assert sorted(orders, key=orders.get) == list(LADDER)


def test_the_kinds_of_customers_are_found():
    card = learnt(2 * WARM_UP).card()
    assert set(card["sizes"].values()) == {2 * WARM_UP // 5}
    assert card["metrics"]["silhouette"] > 0.8


def test_a_name_stays_with_its_cluster_when_the_shop_changes():
    learner = Learner([Segments()])
    learner.learn(questions(WARM_UP))
    before = list(learner.cards()[0]["sizes"])
    for each in questions(WARM_UP, seed=2, start=WARM_UP):
        learner.learn([each._replace(features=[value * 3 for value in each.features])])
    assert list(learner.cards()[0]["sizes"]) == before


def test_customers_who_are_all_alike_do_no_harm():
    learner = Learner([Segments()])
    alike = next(questions(1))
    learner.learn(alike._replace(id=example_id(number)) for number in range(WARM_UP + 10))
    assert sum(learner.cards()[0]["sizes"].values()) == WARM_UP + 10


@pytest.mark.parametrize("seed", range(5))
def test_seeding_finds_well_separated_groups(seed):
    rng = random.Random(seed)
    groups = [(0.0, 0.0), (9.0, 0.0), (0.0, 9.0), (9.0, 9.0)]
    points = [(x + rng.random(), y + rng.random()) for x, y in groups for _ in range(50)]
    centres = seed_centres(points, 4, seed)
    assert {(round(x - 0.5), round(y - 0.5)) for x, y in centres} == {
        (0, 0),
        (9, 0),
        (0, 9),
        (9, 9),
    }
