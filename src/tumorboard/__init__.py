"""Oncology consensus papers that run."""
