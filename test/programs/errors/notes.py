error = ValueError("wrong")
error.add_note("Look at the third column.")
error.add_note("  It has a €.")
raise error
