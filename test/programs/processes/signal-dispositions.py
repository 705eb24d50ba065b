import signal

for number in sorted(signal.valid_signals() if hasattr(signal, "valid_signals") else range(1, 32)):
    if number < 32:
        print(int(number), signal.getsignal(number))
print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
