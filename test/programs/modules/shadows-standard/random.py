print("my own random")
