print("stubborn", flush=True)
while True:
    try:
        while True:
            pass
    except KeyboardInterrupt:
        print("no", flush=True)
