"""The actions on restraint cases: load, apply a pure rule, save, record, notify. The caller commits [5.1]."""
