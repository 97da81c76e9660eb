"""Import and export of files, in the form of the departments' basic information [5.1.3] [6.2]."""
