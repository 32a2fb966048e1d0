"""The built-in writer: a book out of passages that people wrote, each sentence traced, without any model."""
