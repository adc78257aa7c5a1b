"""Models trained on the labels of projects: asking for them, training, predictions and their way into the queue."""
