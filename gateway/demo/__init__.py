"""The demo: a made-up district to try the house on. Every person, company and number in it is plainly synthetic."""
