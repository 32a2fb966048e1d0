"""One file for each kind of place that texts are published to."""
