"""The district's figures: counted for a year, and written as a department's yearly sheet [6.1] [6.3]."""
