"""`python -m portal.sandbox`"""

from __future__ import annotations

import signal
import sys

from portal.sandbox.server import PortTaken, SandboxServer
from portal.sandbox.settings import load_settings


def main() -> int:
    try:
        server = SandboxServer(load_settings())
    except (PortTaken, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    # The server's loop ends by SystemExit as it does by Ctrl-C.
    # A background job of a shell inherits an ignored SIGINT; ask for it again.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(server.welcome, flush=True)
    server.serve()
    return 0


if __name__ == "__main__":
    sys.exit(main())
