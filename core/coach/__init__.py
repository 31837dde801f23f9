"""Interview practice: for the person who practises, never for whoever may hire them (method.md 3, [I])."""
