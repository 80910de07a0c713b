"""Measurements of each stage, on the machine at hand."""
