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
    print(_welcome(server), flush=True)
    server.serve()
    return 0


def _welcome(server: SandboxServer) -> str:
    """One line; the address is its second word."""
    parts = [f"sandbox: {server.url}", f"SMTP {server.smtp_port}", f"mails {server.url}/mails"]
    if server.sftp:
        parts.append(f"SFTP {server.sftp.port}")
    if server.ftp:
        parts.append(f"FTP {server.ftp.port}")
    return " · ".join(parts)


if __name__ == "__main__":
    sys.exit(main())
