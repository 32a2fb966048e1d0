"""The log of requests looked through: by what was asked, of whom, when, and how it went."""
