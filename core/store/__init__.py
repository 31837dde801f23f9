"""The counsellor's record in SQLite. The only place that knows SQL."""
