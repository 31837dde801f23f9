"""From a frame to a crop: the face box, the crop that every network sees, and the light on the face."""
