import logging
import logging.handlers
import sys

logging.warning("before any set-up")
logging.basicConfig(level=logging.DEBUG, format="%(levelname)s:%(name)s:%(funcName)s:%(lineno)d:%(message)s", stream=sys.stdout, force=True)
log = logging.getLogger("app.part")
log.addHandler(logging.handlers.RotatingFileHandler("app.log", maxBytes=60, backupCount=2))


def work():
    for number in range(6):
        log.info("step %d of %s", number, "work")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")


work()
log.debug("%d", "not a number")
