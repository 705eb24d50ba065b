import tools.helper

print("starts")
tools.helper.work([1, 2])
