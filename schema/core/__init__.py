"""What every topic of the schema uses: fields, connections, ids, enums, errors, and refusals."""
