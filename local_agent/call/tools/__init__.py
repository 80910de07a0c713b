"""What a call can do beside talking: sums, time and dates, letters, timers, and what runs here.

Everything but `functions` is pure: words in, words out. `reading` tells which function plain words ask for, so that no
language model need be asked (docs/decisions/tools.md).
"""
