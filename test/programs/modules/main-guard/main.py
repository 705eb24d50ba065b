import helper


def main():
    print("main", __name__, helper.name)


if __name__ == "__main__":
    main()
