"""Whether another program uses the microphone, so that calls may begin and end by themselves. No sound is ever opened."""
