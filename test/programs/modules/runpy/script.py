print("script", __name__, given)
