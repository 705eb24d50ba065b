print("begins")
import broken
print("never")
