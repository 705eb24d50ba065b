import sys
import threading
import time


def tell(text, line, main=threading.get_ident()):
    """Says it once the main thread is at that line: an interrupt finds it there."""
    while sys._current_frames()[main].f_lineno != line:
        time.sleep(0.01)
    print(text, flush=True)


threading.Thread(target=tell, args=("sleeping", 14), daemon=True).start()
time.sleep(1000)
