"""Login of browsers: OIDC with code and PKCE; a cookie that holds a random id; sessions that lie on the server."""
