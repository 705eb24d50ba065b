import os
import signal

print(os.getpgrp() == os.tcgetpgrp(0), os.getpgrp() == os.getpid(), [signal.getsignal(s) for s in (signal.SIGTTIN, signal.SIGTTOU, signal.SIGHUP)])
