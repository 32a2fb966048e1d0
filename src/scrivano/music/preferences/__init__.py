"""What a person likes to hear: learnt from what they keep, reject, edit and lock."""
