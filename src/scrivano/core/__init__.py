"""What every room stands on: settings, errors, the database, clock and ids. Knows no feature."""
