"""Commands that print the figures of RESULTS.md. `python -m benchmarks` lists and runs them."""
