"""Sam of the support, and ways into Alice's house."""

from tests.blueprints.support.conftest import agent, alice, alices, sam

__all__ = ["agent", "alice", "alices", "sam"]
