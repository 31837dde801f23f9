"""Makes the demo actors' talking frames again. Run: python3 -m tests.actors"""
