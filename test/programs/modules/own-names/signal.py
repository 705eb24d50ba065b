kind = "mine too"
