"""A monitor of a running QEMU, beside the one that qemu-run has."""

import json
import socket


class Monitor:
    """A monitor of the job's own, asked once."""

    def __init__(self, path):
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(20)
        self._socket.connect(str(path))
        self._file = self._socket.makefile("rw")
        self._file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self._file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self._file.flush()
        while "event" in (answer := json.loads(self._file.readline())):
            pass
        return answer["return"]

    def close(self):
        self._file.close()
        self._socket.close()
