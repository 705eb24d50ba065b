import logging, logging.handlers
logging.basicConfig(filename="out", filemode="w", format="%(message)s", level="INFO")
logging.info("one")
h = logging.handlers.MemoryHandler(100, target=logging.FileHandler("more"))
l = logging.getLogger("more")
l.addHandler(h)
l.info("two")
