"""Implementations of `profiles.store.Store`: one in memory, one in Redis."""
