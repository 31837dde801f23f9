"""The training side (extra `train`): data sets, augmentation, architectures, experiments, evaluation, shipping.

Networks are written in pure Keras 3, so they train under its TensorFlow, JAX and PyTorch backends; only the conversion
to LiteRT needs TensorFlow. Nothing that a counsellor runs imports this package.
"""
