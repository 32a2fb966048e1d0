"""Which material goes into a prompt: ranked, chosen under a budget of tokens, and accounted for."""
