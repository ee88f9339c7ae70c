"""The course's layers, generated from the chapters by `make export`."""
