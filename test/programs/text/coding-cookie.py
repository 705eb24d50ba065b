# -*- coding: latin-1 -*-
print("Größe", len("ü"))
1 / 0  # ü
