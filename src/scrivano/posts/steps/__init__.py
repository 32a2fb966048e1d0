"""What the pipeline of posts does, step by step."""
