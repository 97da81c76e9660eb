"""Pages for people, made on the server: templates, one style, and what a page asks goes the way of any client."""
