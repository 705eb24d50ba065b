name = "Grace Hopper"
print(name.upper(), name[::-1], name.find("H"), name.replace("p", "b"), name.split(), "-".join(name), name.center(20, "*"))
print("%s is %d years, %5.2f%%" % ("Ada", 36, 12.345), "{:>8}|{:<8}|{:^8}".format("a", "b", "c"), f"{1234567.891:,.2f} {255:#x} {255:b} {0.25:.0%}")
print(f"{name!r:>20} {3 + 4 = } {name = !s}", repr("it's"), 'a"b', "tab\there", r"raw\n", "a" "b")
print("ß".upper(), "İ".lower(), len("e\u0301"), "naïve".encode(), "日本".encode("utf-16-le"), b"\xff\x00".hex(" "))
print("abc" < "abd", "a" in name, ord("A"), chr(8364), "x".isalpha(), "٣".isdigit(), "  trim ".strip(), "a,b,,c".split(","))
print("""several
lines""".splitlines(), "aAbB".swapcase(), "hello world".title(), "1".zfill(4), "a-b".partition("-"), str.maketrans("ab", "xy"))
print("{0.real} {0[0]}".format(5))
