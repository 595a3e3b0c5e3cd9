"""Implementations of `profiles.store.Store`: in memory, in Redis, in a Redis Cluster."""
