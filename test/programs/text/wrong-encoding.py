print("Größe")
