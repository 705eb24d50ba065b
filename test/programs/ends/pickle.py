import pickle
f = open("out", "wb")
pickle.dump([1, 2], f)
