"""The district office's figures: counted, and set as a department's yearly sheet [6.1] [6.3]."""
