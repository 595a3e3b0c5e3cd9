import math
import random

import numpy as np
import pytest

from profiles.learning import snapshot
from profiles.learning.learner import Learner
from profiles.learning.models.named_k_means import WARM_UP, NamedKMeans
from profiles.learning.scoring import Scorer
from profiles.learning.seeding import seed_centres
from profiles.learning.segments import KNOWN_FOR_DAYS, LADDER, Segments
from tests.learning.shop import asked, example_id, features

KEY = b"key of the tests"

# (decayed orders, items an order, views) of five kinds, from the least to the most engaged
KINDS = [(1, 1, 200), (2, 4, 5), (5, 9, 60), (12, 30, 20), (40, 80, 300)]


def questions(count, seed=1, start=0):
    """Customers of the five kinds in turn, each a little different."""
    rng = random.Random(seed)
    for number in range(start, start + count):
        decayed, items, views = (v * rng.uniform(0.9, 1.1) for v in KINDS[number % 5])
        yield asked(f"c{number}", number, habits(decayed, items, views), number)


def habits(decayed=1.0, items=1.0, views=1.0, tenure=KNOWN_FOR_DAYS):
    return features(
        decayed_orders_90=decayed, items_per_order=items, views_30=views, tenure_days=tenure
    )


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


def test_names_and_segments_are_the_same_after_a_restart():
    before = Learner([Segments()])
    before.learn(questions(2 * WARM_UP))
    record = snapshot.take(before, 2 * WARM_UP, KEY)
    after = snapshot.restore(record, KEY, Learner([Segments()])).learner
    for learner in (before, after):
        learner.learn(questions(WARM_UP, seed=2, start=2 * WARM_UP))
    assert list(after.cards()[0]["sizes"]) == list(before.cards()[0]["sizes"])
    rows = np.array([each.features for each in questions(500, seed=3)])
    old, new = (
        Scorer.load(each.export()).score(rows, [{}] * len(rows))["segment"]
        for each in (before, after)
    )
    assert [new.names[i] for i in new.indices] == [old.names[i] for i in old.indices]


def test_newcomers_are_not_asked_about():
    learner = Learner([Segments()])
    learner.learn(
        asked("a", number, habits(tenure=tenure), number)
        for number, tenure in enumerate((0.0, KNOWN_FOR_DAYS - 1, KNOWN_FOR_DAYS, 1_000.0))
    )
    assert learner.cards()[0]["n_examples"] == 2


def test_customers_count_alike_however_often_they_order():
    """Of two kinds as many, one orders ten times as often: two centres are still one for each."""
    model = NamedKMeans(2, ("seldom", "often"), engagement=(0,), pace=0)
    rng = random.Random(1)
    for _ in range(2 * WARM_UP):
        often = rng.random() < 10 / 11
        orders = (10 if often else 1) * rng.uniform(0.8, 1.2)
        x = {0: math.log1p(orders), 1: rng.gauss(0, 1)}
        model.observe(x)
        model.learn(x)
    assert model.sizes[model.names.index("often")] / (2 * WARM_UP) == pytest.approx(10 / 11, 0.02)


def test_customers_who_are_all_alike_do_no_harm():
    learner = Learner([Segments()])
    alike = next(questions(1))
    learner.learn(alike._replace(id=example_id(number)) for number in range(WARM_UP + 10))
    assert sum(learner.cards()[0]["sizes"].values()) == WARM_UP + 10


def test_a_heavy_point_draws_the_centre_to_itself():
    points = [[0.0], [1.0], [9.0]]
    (centre,) = seed_centres(points, 1, seed=1, weights=[1.0, 1.0, 8.0])
    assert centre == pytest.approx([7.3])


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
