"""The scripted model: answers by the hash of what it is asked, and can be as slow, cut off or wrong as told.

It serves over HTTP (`server.ScriptedServer`) and in process (the provider kind `scripted`); both share the
engine, so that what one answers the other does too.
"""
