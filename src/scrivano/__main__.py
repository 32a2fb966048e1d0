"""`scrivano` and `python -m scrivano`."""

from scrivano.cli.app import run


def main() -> None:
    """Run the command line and exit with its code."""
    run()


if __name__ == "__main__":
    main()
