"""The tables in which departments keep basic information: columns, cells, and rows [5.1.3]."""
