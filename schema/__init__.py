"""The counter: what one may ask, in GraphQL, and the road that every question takes."""
