kind = "mine"
