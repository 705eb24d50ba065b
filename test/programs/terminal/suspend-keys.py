import signal

print(signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGQUIT))
