"""The first run: welcome, consent, camera, light, expressions and the verdict."""
