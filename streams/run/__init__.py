"""A whole Portrait on one machine: embedded servers, a worker, a learner, and what feeds them."""
