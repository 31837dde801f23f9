"""Where frames come from: a webcam, a video file, pictures, or the demo actor, all behind one protocol."""
