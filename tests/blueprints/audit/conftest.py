"""Sam of the support, and ways into Alice's house."""

from tests.blueprints.support.conftest import agent, alice, sam

__all__ = ["agent", "alice", "sam"]
