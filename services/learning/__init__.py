"""Models trained on labels: features of images, heads, statistics. Only child processes import what computes them."""
