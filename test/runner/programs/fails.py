import helper_module

def middle(value):
    return helper_module.divide(value, 0)

print("before")
middle(3)
