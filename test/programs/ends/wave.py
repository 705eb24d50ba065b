import wave
w = wave.open("out", "wb")
w.setnchannels(1)
w.setsampwidth(2)
w.setframerate(8000)
w.writeframesraw(b"\0" * 100)
