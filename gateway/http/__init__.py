"""HTTP: the ASGI app, the request handler, the GraphQL endpoint, limits, and pages for developers."""
