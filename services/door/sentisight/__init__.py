"""What the door of SentiSight has beside routes: archives of pictures, and servers of models."""
