"""A fault suite: real servers and processes break while events flow, and nothing is miscounted."""
