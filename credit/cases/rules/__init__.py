"""The pure rules of restraint cases: each takes a case and a date, and returns a case or refuses [5.1]."""
