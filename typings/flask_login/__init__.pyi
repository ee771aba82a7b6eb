# What the portal uses of Flask-Login, which ships without types.
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, Request

F = TypeVar("F", bound=Callable[..., Any])

current_user: Any

class AnonymousUserMixin:
    is_authenticated: bool

class LoginManager:
    def init_app(self, app: Flask) -> None: ...
    def unauthorized(self) -> Any: ...
    def unauthorized_handler(self, callback: F) -> F: ...
    def request_loader(self, callback: Callable[[Request], Any]) -> Callable[[Request], Any]: ...
