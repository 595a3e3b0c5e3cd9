"""Scores of whole batches from plain numbers, one file per kind of model."""
