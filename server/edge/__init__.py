"""What every request passes, whatever it comes by: identity, limits, errors, the access log."""
