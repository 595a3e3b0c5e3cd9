"""What things look like: events, records and mappings. No I/O."""
