"""Wirebrush as a service on one machine: `wirebrush up` and `wirebrush status`."""
