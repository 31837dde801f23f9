"""From a trained Keras model to a shipped candidate: conversion, checks and Grad-CAM. Needs TensorFlow."""
