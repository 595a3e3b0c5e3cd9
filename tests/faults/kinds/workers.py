"""Workers that are killed, ended, frozen, added and taken away."""

import random

from tests.faults.faults import fault
from tests.faults.stage import Stage
from tests.faults.steps import LOST, POINTS, Strike

STRIKES = 3
AWAKE_SECONDS = 2.0
BACKLOG = 4_000
STRUCK_SECONDS = 120.0


@fault(1)
def worker_killed(stage: Stage, chance: random.Random) -> None:
    """Kill a worker for good; another takes its partitions over."""
    worker = stage.worker(chance)
    worker.end()
    stage.notes["takeover"] = stage.until_moving()
    worker.start()


@fault(1)
def workers_killed(stage: Stage, chance: random.Random) -> None:
    """Kill all workers at random moments; they are started again."""
    for worker in stage.fleet.workers:
        stage.pass_time(chance.uniform(0, 1))
        worker.kill()


@fault(1)
def killed_at_steps(stage: Stage, chance: random.Random) -> None:
    """Kill a worker between two steps of the protocol, several times."""
    stage.notes["points"] = points = chance.sample(POINTS, STRIKES)
    for point in points:
        worker = stage.worker(chance)
        worker.end()
        worker.start(Strike(point, chance.randrange(1, 6), "kill"))
        stage.until(worker.has_ended, STRUCK_SECONDS, f"{point} was not reached")


@fault(1)
def killed_at_write(stage: Stage, chance: random.Random) -> None:
    """Kill each worker right before it writes a chunk."""
    for worker in stage.fleet.workers:
        worker.end()
        worker.start(Strike("write.before", chance.randrange(5, 30), "kill"))
        stage.until(worker.has_ended, STRUCK_SECONDS, "nothing was written")


@fault(1)
def batch_lost(stage: Stage, chance: random.Random) -> None:
    """Let a worker lose a batch, as when Faust drops the message of an agent that raised."""
    worker = stage.worker(chance)
    worker.end()
    worker.start(Strike("process.before", chance.randrange(20, 60), "lose"))
    stage.until(lambda: worker.has_said(LOST.encode()), STRUCK_SECONDS, "no batch was lost")
    stage.pass_time(5)


@fault(2)
def worker_ended(stage: Stage, chance: random.Random) -> None:
    """End a worker in order (SIGTERM) under load."""
    worker = stage.worker(chance)
    code, seconds = worker.stop()
    stage.notes |= {"exit_code": code, "seconds_to_end": round(seconds, 2)}
    stage.notes["takeover"] = stage.until_moving()
    worker.start()


@fault(2)
def workers_ended(stage: Stage, _chance: random.Random) -> None:
    """End all workers in order, and start them again."""
    ends = [worker.stop() for worker in stage.fleet.workers]
    stage.notes["exit_codes"] = [code for code, _ in ends]
    stage.notes["seconds_to_end"] = round(max(seconds for _, seconds in ends), 2)
    stage.fleet.start_workers()


@fault(2)
def workers_back_to_a_backlog(stage: Stage, _chance: random.Random) -> None:
    """End all workers; when they are back, the topics race for the same customers."""
    stage.rest()
    stage.fleet.stop_workers()
    stage.sender.burst(BACKLOG)
    stage.fleet.start_workers()
    stage.rest()
    stage.judge()


@fault(3)
def worker_frozen(stage: Stage, chance: random.Random) -> None:
    """Freeze a worker past its session; it goes on as a zombie."""
    worker = stage.worker(chance)
    worker.freeze()
    stage.pass_time(stage.settings.session_timeout_seconds + chance.uniform(2, 6))
    worker.thaw()


@fault(3)
def zombie_writes(stage: Stage, chance: random.Random) -> None:
    """Freeze a worker right before or after a write, or at the end of a batch, past its session."""
    worker = stage.worker(chance)
    worker.end()
    stage.notes["point"] = point = chance.choice(["write.before", "finish.before", "write.after"])
    worker.start(Strike(point, chance.randrange(1, 9), "freeze"))
    stage.until(lambda: worker.frozen, STRUCK_SECONDS, f"{point} was not reached")
    stage.notes["takeover"] = stage.until_moving()
    stage.rest()  # nobody writes after the zombie, and so hides what it does
    worker.thaw()
    stage.pass_time(AWAKE_SECONDS)
    stage.judge()


@fault(4)
def one_three_one(stage: Stage, chance: random.Random) -> None:
    """Go from all workers to one, to three, and to one again."""
    extra = stage.fleet.extra_worker()
    _, *others = stage.fleet.workers
    for worker in others:
        worker.stop()
    stage.pass_time(chance.uniform(2, 6))
    for worker in (*others, extra):
        worker.start()
    stage.until(extra.is_at_work, STRUCK_SECONDS, "a third worker without partitions")
    stage.notes["takeover"] = stage.until_moving()
    for worker in (*others, extra):
        worker.end() if chance.random() < 0.5 else worker.stop()
    stage.notes["takeover_back"] = stage.until_moving()
    for worker in others:
        worker.start()
