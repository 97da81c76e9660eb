"""The pages for everybody: the public list, the rules, the published figures. Nobody logs in for them."""
