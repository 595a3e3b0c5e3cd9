import hashlib
import hmac
import os
import pickle
import random
import struct
import zlib

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from profiles.learning import snapshot
from profiles.learning.churn import Churn
from profiles.learning.features import FEATURES
from profiles.learning.learner import Learner
from profiles.learning.segments import Segments
from profiles.learning.snapshot import (
    CorruptSnapshotError,
    ForgedSnapshotError,
    IncompatibleSnapshotError,
)
from tests.learning.shop import asked, examples

KEY = b"key of the tests"
REFUSALS = (CorruptSnapshotError, ForgedSnapshotError)


def fresh():
    return Learner([Churn(), Segments()])


def made(orders=300):
    learner = fresh()
    learner.learn(examples(orders))
    return learner


RECORD = snapshot.take(made(), 600, KEY)


def sealed(header, body, key=KEY):
    """A record as `take` writes it, around any header and body."""
    packed = orjson.dumps(header)
    signed = struct.pack(">I", len(packed)) + packed + body
    return snapshot.MAGIC + hmac.digest(key, snapshot.MAGIC + signed, hashlib.sha256) + signed


def opened(record=RECORD):
    """Header and body of a record."""
    (length,) = struct.unpack_from(">I", record, 36)
    return orjson.loads(record[40 : 40 + length]), record[40 + length :]


def test_a_snapshot_holds_the_learner_and_its_position():
    learner, position, header = snapshot.restore(RECORD, KEY, fresh())
    assert position == 600
    assert learner.parameters() == made().parameters()
    assert header["version"] == learner.version == 600
    assert header.keys() >= {"river", "python", "feature_version", "tasks"}


def test_sealing_by_hand_makes_the_same_record():
    assert sealed(*opened()) == RECORD


@settings(max_examples=300)
@given(st.integers(0, len(RECORD) * 8 - 1))
def test_one_flipped_bit_anywhere_is_refused(bit):
    damaged = bytearray(RECORD)
    damaged[bit // 8] ^= 1 << (bit % 8)
    with pytest.raises(REFUSALS):
        snapshot.restore(bytes(damaged), KEY, fresh())


@settings(max_examples=100)
@given(st.binary(max_size=200) | st.integers(0, len(RECORD) - 1).map(RECORD.__getitem__).map(bytes))
def test_other_bytes_are_refused(record):
    with pytest.raises(REFUSALS):
        snapshot.restore(record, KEY, fresh())


def test_a_cut_or_longer_record_is_refused():
    for record in (RECORD[:-1], RECORD[:40], RECORD + b"\0"):
        with pytest.raises(ForgedSnapshotError):
            snapshot.restore(record, KEY, fresh())


def test_another_key_is_refused_and_the_setting_named():
    with pytest.raises(ForgedSnapshotError, match="PORTRAIT_MODEL_KEY"):
        snapshot.restore(RECORD, b"another key", fresh())


class Evil:
    """Would run a command when unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.system, (f"touch {self.path}",)


def test_a_pickle_that_runs_a_command_is_refused_even_when_signed(tmp_path):
    header, _ = opened()
    record = sealed(header, zlib.compress(pickle.dumps(Evil(tmp_path / "ran"))))
    with pytest.raises(CorruptSnapshotError) as refused:
        snapshot.restore(record, KEY, fresh())
    assert refused.value.evidence["value"].endswith(".system")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["builtins.eval", "builtins.getattr", "river.utils.math.exp"])
def test_only_named_classes_are_built(name):
    header, _ = opened()
    module, _, attribute = name.rpartition(".")
    body = zlib.compress(f"c{module}\n{attribute}\n.".encode())
    with pytest.raises(CorruptSnapshotError) as refused:
        snapshot.restore(sealed(header, body), KEY, fresh())
    assert refused.value.evidence["value"] == name


@pytest.mark.parametrize("body", [b"", b"no zlib", zlib.compress(b""), zlib.compress(b"no pickle")])
def test_a_signed_body_that_is_no_pickle_is_refused(body):
    with pytest.raises(CorruptSnapshotError):
        snapshot.restore(sealed(opened()[0], body), KEY, fresh())


@pytest.mark.parametrize("field", ["river", "feature_version"])
def test_another_river_or_feature_catalogue_is_refused_by_name(field):
    header, body = opened()
    with pytest.raises(IncompatibleSnapshotError, match=field) as refused:
        snapshot.restore(sealed(header | {field: "0.1"}, body), KEY, fresh())
    assert refused.value.evidence["value"] == "0.1"


@pytest.mark.parametrize("others", [[Churn()], [Churn(horizon_days=14), Segments()]])
def test_other_tasks_or_settings_are_refused(others):
    with pytest.raises(IncompatibleSnapshotError, match="tasks"):
        snapshot.restore(RECORD, KEY, Learner(others))


class Unruled(Churn):
    rule = None


@pytest.mark.parametrize(("before", "now"), [(Unruled, Churn), (Churn, Unruled)])
def test_a_task_that_was_given_a_rule_or_lost_it_is_refused(before, now):
    """Questions that wait hold a prediction of each contestant, in their order."""
    learner = Learner([before()])
    record = snapshot.take(learner, 0, KEY)
    with pytest.raises(IncompatibleSnapshotError, match="contestants of churn"):
        snapshot.restore(record, KEY, Learner([now()]))


def test_a_full_table_of_open_questions_fits_into_a_record():
    """Kafka's default limit of a record is about a million bytes."""
    rng, learner = random.Random(1), Learner([Churn()])
    for number in range(20_000):
        row = [rng.lognormvariate(1, 1) for _ in FEATURES]
        learner.learn([asked(f"c{number}", number * 1_000, row, number)])
    assert learner.cards()[0]["open_questions"] == 20_000
    assert len(snapshot.take(learner, 0, KEY)) < 900_000
