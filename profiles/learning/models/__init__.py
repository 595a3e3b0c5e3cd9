"""Model families: each a small pure class of its own (`profiles.learning.model.Model`)."""
