"""One step of an elementwise optimizer, line by line: from one place come the formula, its numbers and its value."""
