"""Models that learn online: tasks, the learner that runs them, snapshots, scoring from them."""
