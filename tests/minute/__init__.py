"""Makes the picture of one minute of talk as ten networks read it. Run: python3 -m tests.minute"""
