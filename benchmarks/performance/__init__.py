"""Portrait beside its peers: the same events, broker and Redis, in rounds that alternate."""
