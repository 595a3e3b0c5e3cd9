"""Whom to address: the customers of each segment as a set, and how segments grow and shrink."""
