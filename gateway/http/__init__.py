"""HTTP: the ASGI app, the GraphQL endpoint, middleware, limits, and pages for developers."""
