"""Trusted documents: read from the manifests of front-end tools, checked, loaded, and kept up by each process."""
