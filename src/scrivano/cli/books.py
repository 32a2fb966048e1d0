"""`scrivano book`: all of its commands."""

from scrivano.cli import assess, book, chapters, context

app = chapters.app
app.command("assess")(assess.assess)
book.app.command("context")(context.context)
