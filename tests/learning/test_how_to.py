"""docs/how-to-add-a-task.md, followed to the letter."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from profiles.learning.learner import Learner
from profiles.learning.names import ENTRY_POINT, SHIPPED, check_names
from profiles.learning.task import DAY_MS
from profiles.learning.tasks import TaskNameError, _distinct, all_tasks
from tests.how_to import files_of, install
from tests.learning.shop import asked, features, outcome

MOST_LINES = 60


@pytest.fixture
def files() -> dict[str, str]:
    """What the page says to write, by file."""
    return files_of("how-to-add-a-task.md")


def test_a_task_of_a_package_of_its_own(
    files: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those who have given much back give something back again: it learns that."""
    assert files.keys() == {"shop_tasks.py", "pyproject.toml"}
    assert sum(len(text.splitlines()) for text in files.values()) < MOST_LINES
    install(files, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    assert len(entry_points(group=ENTRY_POINT)) == 1
    check_names("PORTRAIT_REASONS", ["churn", "shop_returns"])
    learner = Learner(all_tasks())
    for offset in range(1_200):
        at, who, sends_back = offset * DAY_MS // 4, f"c{offset % 40}", offset % 40 < 10
        share = 0.4 if sends_back else 0.01
        learner.learn([outcome(who, at, 2 * offset)])
        learner.learn([asked(who, at, features(orders=3, returns_share=share), 2 * offset)])
        if sends_back:
            learner.learn([outcome(who, at + DAY_MS, 2 * offset + 1, kind="return")])
    card = next(card for card in learner.cards() if card["task"] == "shop_returns")
    assert card["champion"] in {"logistic", "quick"}
    assert card["metrics"]["n"] > 500
    assert card["metrics"]["auc"] > 0.95
    assert card["metrics"]["auc_rule"] > 0.95
    assert "shop_returns" in learner.export()["tasks"]


def test_the_names_of_the_shipped_tasks_are_theirs() -> None:
    assert {task.name for task in all_tasks()} == set(SHIPPED)


def test_two_tasks_of_one_name_are_refused() -> None:
    with pytest.raises(TaskNameError):
        _distinct(all_tasks() + all_tasks())
