print("never shown")
if True
    print("missing colon")
