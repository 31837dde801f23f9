"""The eleven expressions of the wizard: what is asked for, captured, read and graded."""
