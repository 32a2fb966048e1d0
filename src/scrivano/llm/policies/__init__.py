"""Which hosts the requests of a project may go to."""
