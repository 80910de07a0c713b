"""Bundles: models, and if wanted the whole product, in one file that is carried to a machine without a network.

`archive`, `manifest`, `target`, `stage`, `install` and `bare` use the standard library only: from within a bundle they
set up a machine on which nothing else is installed yet.
"""
