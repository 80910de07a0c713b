"""Set-up by one command, with the standard library only: it runs before anything is installed."""
