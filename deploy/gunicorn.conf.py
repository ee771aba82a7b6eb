"""gunicorn in production: `gunicorn --config deploy/gunicorn.conf.py "portal:create_app()"`."""

import os

from portal.logs import log_config

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
worker_class = "portal.web_worker.WholeRequestWorker"  # half-sent requests hold no thread
workers = int(os.environ.get("WEB_PROCESSES", "2"))
threads = int(os.environ.get("WEB_THREADS", "8"))
timeout = 120  # an import of a large stock is one request
graceful_timeout = 30
max_requests = 20_000
max_requests_jitter = 2_000
accesslog = None  # the proxy in front keeps it
control_socket_disable = True  # nobody steers a running server but systemd
logconfig_dict = log_config(as_json=True) | {
    "loggers": {"gunicorn.error": {"propagate": True, "handlers": []}}
}
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")
