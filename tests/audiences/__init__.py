"""The segments as sets of customers, and what is known of their sizes."""
