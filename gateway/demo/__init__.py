"""The demo: a synthetic district for trying the gateway. No person, company or number in it is real."""
