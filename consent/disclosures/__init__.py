"""The record of one answer: what it showed of whom, committed so that each subject can prove its own part [5.1.6]."""
