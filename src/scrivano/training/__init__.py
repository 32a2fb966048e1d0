"""Training samples that come from authors: their choices and their edits, with consent, visible and deletable."""
