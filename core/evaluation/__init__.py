"""How well networks read: metrics, per person, under changed conditions, as report, tables and plots. No Keras."""
