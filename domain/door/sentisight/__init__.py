"""Shapes of SentiSight: labels of images, and predictions."""
