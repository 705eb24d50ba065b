breakpoint()
print("end")
