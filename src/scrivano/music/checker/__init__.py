"""Judges finished files by docs/concepts/music-rules.md.

Shares no code with what makes the files: chord symbols, keys, MIDI and MusicXML are read here anew.
"""
