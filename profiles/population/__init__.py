"""The population: how the traits of all customers are distributed, from a sample of profiles."""
