import unicodedata

for character in "é", "ß", "😀", "\u200b", "中":
    print(character.encode(), unicodedata.name(character), unicodedata.category(character), len(character))
print(unicodedata.normalize("NFD", "é").encode("unicode_escape"), "ſ".casefold(), "ﬁ".upper(), "😀"[0], "e\u0301 👨‍👩‍👧 العربية עברית")
π = 3.14
größe = π * 2
print(größe)
