"""Files in and out, in the form in which departments keep basic information [5.1.3] [6.2]: import and export."""
