"""Quality marks: computed from labels, in a child process."""
