"""Synthetic French clinical corpus: lexicon, frames and generator."""
