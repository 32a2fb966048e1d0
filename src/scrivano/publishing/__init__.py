"""Publishing: a finished text goes to websites, feeds and inboxes, once each, with a record of what went where."""
