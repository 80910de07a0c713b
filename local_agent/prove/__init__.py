"""`prove`: the whole product in a network namespace whose only way out is counted, packet by packet."""
