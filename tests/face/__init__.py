"""Face boxes, crops, the cascade and the light on the face."""
