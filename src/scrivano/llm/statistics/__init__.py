"""What was asked, what it cost, and what was saved by not asking the cloud: sums over hours."""
