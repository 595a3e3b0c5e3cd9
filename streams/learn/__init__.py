"""The learner: from examples to models, and models back to the workers."""
