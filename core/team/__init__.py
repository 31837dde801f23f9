"""Many counsellors' exports merged into one coarse figure of groups. Nothing here reads a record: only handed-over files."""
