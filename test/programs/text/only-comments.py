# Nothing is done here.

# pass
