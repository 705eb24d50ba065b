import threading


def ask():
    print("Hello", input("Name? "))


thread = threading.Thread(target=ask)
thread.start()
thread.join()
