"""What a chapter's writer is shown: gathered from brief, outline, memory, references and samples, and remembered."""
