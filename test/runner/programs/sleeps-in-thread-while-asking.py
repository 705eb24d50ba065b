# Waits for input in one thread while another works.
import threading
def work():
    while True:
        pass
threading.Thread(target=work, daemon=True).start()
print("busy", flush=True)
input()
