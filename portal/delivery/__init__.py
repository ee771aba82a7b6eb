"""How a file reaches a server: SFTP, FTPS, FTP, HTTPS, mail. No database, no Flask.

```python
policy = EgressPolicy(allow=…, send=…)
match deliver(target, stream, policy):
    case Delivered(): …
    case Undelivered(step, reason, retryable): …
```
"""

from __future__ import annotations

from portal.delivery.collecting import collect, look, test_reading
from portal.delivery.contract import (
    HTTPS_LIMIT,
    MAIL_LIMIT,
    Answered,
    Delivered,
    DeliveryStep,
    EgressPolicy,
    HostKey,
    Missing,
    Patience,
    RemoteFile,
    StepResult,
    StepState,
    Target,
    Undelivered,
)
from portal.delivery.operations import deliver, fetch, host_key, limit_of, post, test_connection

__all__ = [
    "HTTPS_LIMIT",
    "MAIL_LIMIT",
    "Answered",
    "Delivered",
    "DeliveryStep",
    "EgressPolicy",
    "HostKey",
    "Missing",
    "Patience",
    "RemoteFile",
    "StepResult",
    "StepState",
    "Target",
    "Undelivered",
    "collect",
    "deliver",
    "fetch",
    "host_key",
    "limit_of",
    "look",
    "post",
    "test_connection",
    "test_reading",
]
