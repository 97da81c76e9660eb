"""The rules of 临政管办发〔2022〕3号, pure: time and randomness are parameters; nothing here does I/O."""
