import re

text = "Call 555-1234 or 555-9876; mail ada@example.org, grace@example.com"
print(re.findall(r"\d{3}-\d{4}", text), re.sub(r"(\w+)@(\w+)", r"\2 at \1", text), re.split(r"[;,]\s*", text))
match = re.search(r"(?P<user>\w+)@(?P<host>[\w.]+)", text)
print(match, match.groupdict(), match.span("host"), match.start())
print(re.fullmatch("a+", "aab"), bool(re.match("A", "a", re.I)), [m.group() for m in re.finditer(r"\b\w", "ab cd")])
print(re.compile(r"""
    (\d+)   # number
    \s*([a-z]+)""", re.VERBOSE).match("12 km").groups())
re.compile("(unclosed")
