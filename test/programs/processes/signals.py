import os
import signal
import time


def handler(number, frame):
    print("got", signal.Signals(number).name, frame.f_code.co_name)


for name in ("SIGUSR1", "SIGTERM", "SIGHUP", "SIGINT", "SIGURG", "SIGCHLD", "SIGWINCH", "SIGALRM", "SIGCONT"):
    print(name, signal.signal(getattr(signal, name), handler))
    os.kill(os.getpid(), getattr(signal, name))
signal.alarm(1)
signal.pause()
signal.setitimer(signal.ITIMER_REAL, 0.01)
time.sleep(0.2)
print(signal.getsignal(signal.SIGPIPE), signal.strsignal(11), signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.siginterrupt(signal.SIGUSR1, False))
signal.signal(signal.SIGUSR1, signal.SIG_IGN)
os.kill(os.getpid(), signal.SIGUSR1)
signal.signal(signal.SIGKILL, handler)
