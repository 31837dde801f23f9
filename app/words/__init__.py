"""Everything that is said to a person: both languages, sentences and names."""
