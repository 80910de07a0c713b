"""`doctor`: one small named check for everything that a call needs, each with what was found and how to mend it."""
