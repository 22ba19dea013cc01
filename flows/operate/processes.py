"""The server and the worker as child processes: started, watched, started again, ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from logging import Formatter, LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

from flows.operate.errors import GivenUp
from flows.operate.options import CHECKOUT

#: A log is begun anew at this size, and so many old ones are kept.
_LOG_BYTES, _LOGS = 10 << 20, 3

#: Ends so many within so many seconds mean that starting once more is of no use.
_ENDS, _WITHIN = 4, 120.0

#: Seconds in which a process that was asked to end may do so: a worker ends its runs first.
_PATIENCE = 40.0


class Child:
    """One process of Prefect's: `prefect ARGUMENTS`, its output in a log file of bounded size."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self.log = log
        self._arguments = arguments
        self._environment = dict(environment)
        self._ends: deque[float] = deque(maxlen=_ENDS)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Start the process, in a session of its own: Ctrl-C is for the supervisor, who ends all in order."""
        command = [sys.executable, "-m", "prefect", "--no-prompt", *self._arguments]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flows.operate.child", str(os.getpid()), *command],
            cwd=CHECKOUT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        threading.Thread(target=self._write_log, args=(self._process,), daemon=True).start()

    def look_after(self) -> bool:
        """Start the process again if it has ended, and return whether it had. Raises GivenUp if that is no use."""
        if self.pid is not None:
            return False
        now = time.monotonic()
        self._ends.append(now)
        if len(self._ends) == _ENDS and now - self._ends[0] < _WITHIN:
            raise GivenUp(f"the {self.name} ended {_ENDS} times in a row; its log: {self.log}")
        self.start()
        return True

    def stop(self) -> None:
        """End the process: asked first, forced with all its children where that is of no use."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _write_log(self, process: "subprocess.Popen[bytes]") -> None:
        handler = RotatingFileHandler(self.log, maxBytes=_LOG_BYTES, backupCount=_LOGS, encoding="utf-8")
        handler.setFormatter(Formatter("%(message)s"))
        assert process.stdout is not None
        for line in process.stdout:
            text = line.decode("utf-8", "replace").rstrip("\n")
            handler.emit(LogRecord(self.name, 20, "", 0, text, None, None))
        handler.close()
