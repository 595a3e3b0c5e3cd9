"""Small mergeable summaries: packed sets, forward-decayed top keys, sessions, duplicate window."""
