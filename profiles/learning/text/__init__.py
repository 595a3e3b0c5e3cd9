"""What people write: tokens, n-grams, sentiment, topics. Pure; numbers in numpy."""
