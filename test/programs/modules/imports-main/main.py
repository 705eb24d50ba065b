print("imported as", __name__)
value = 1
if __name__ == "__main__":
    import main

    print(main.value, main is not __import__("__main__"))
