"""Training with the pictures on an accelerator: drawn, augmented and learnt from there (Keras on JAX)."""
