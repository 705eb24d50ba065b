import readline

print(input("\001\x1b[31m\002Colour\001\x1b[0m\002: "))
