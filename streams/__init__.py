"""What moves events: transport, agents, embedded stack, command line."""
