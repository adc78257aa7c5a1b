"""Models trained on the labels of projects: operations of this server's own."""
