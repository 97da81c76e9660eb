"""Policy texts and measures, loaded from data files [5.2.4] [6.3]."""
