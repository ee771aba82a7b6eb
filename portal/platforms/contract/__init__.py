"""The contract in its parts; everybody imports it from `portal.platforms.base`."""
