"""Wire formats of the scripted server, one file each: `routes(engine)` gives what to serve."""
