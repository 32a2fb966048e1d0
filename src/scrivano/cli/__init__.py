"""The command line. Each module holds a group of commands; `app` joins them and turns errors into sentences."""
