"""How good online models are beside batch models and one-feature rules: `make bench-learning`."""
