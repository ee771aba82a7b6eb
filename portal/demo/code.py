"""`python -m portal.demo.code`: the code of the demo's agent that is good now."""

from __future__ import annotations

import pyotp

from portal.demo.load import AGENT_SECRET

if __name__ == "__main__":
    print(pyotp.TOTP(AGENT_SECRET).now())
