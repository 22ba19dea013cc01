"""python -m flows.operate.child PARENT COMMAND...: becomes the command, and ends when the parent does.

A server or worker left behind by a supervisor that was killed would hold the port and the work pool. Linux tells a
process of its parent's death when asked to; elsewhere the command runs without.
"""

import ctypes
import os
import signal
import sys

#: From <sys/prctl.h>: the signal that the kernel sends when the parent dies. It outlives exec.
_PR_SET_PDEATHSIG = 1


def main(parent: int, command: list[str]) -> None:
    """Replace this process by the command."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it has died before it could be watched
            sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
