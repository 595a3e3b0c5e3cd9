"""The worker: from record batches to stored profiles."""
