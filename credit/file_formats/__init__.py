"""The tables in which departments record basic information: columns, cells, and rows [5.1.3]."""
