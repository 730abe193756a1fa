"""Weights of trained models, each with its model card."""
