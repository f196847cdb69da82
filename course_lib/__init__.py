"""A small NumPy library in which neural networks are built, trained and understood."""
