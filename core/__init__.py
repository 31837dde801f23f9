"""Calmline's core: from a frame to a reading, a level and a record. No screen, no printing, no argument parsing."""

import os

# OpenCV and NumPy read these once, when they are imported.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "100000000")  # a small picture can claim to need all memory
os.environ.setdefault("OPENCV_AVFOUNDATION_SKIP_AUTH", "1")  # a Mac can only be asked from the main thread: devices.py
os.environ.setdefault("OPENCV_VIDEOIO_MSMF_ENABLE_HW_TRANSFORMS", "0")  # else cameras open in 4 to 20 s on Windows
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # its threads wait by spinning: a fifth of what grading costs
