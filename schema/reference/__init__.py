"""Departments, matters, sectors and areas in GraphQL."""
