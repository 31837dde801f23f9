"""The shipped networks: their cards, the registry that checks them, and how one is run."""
