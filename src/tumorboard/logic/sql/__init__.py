"""Rules as SQL over a cohort's nested tables, for DuckDB and Apache Spark: an oracle for the columns reader, and a way
to run a guideline where a cohort already lies. Nothing is transpiled: each dialect writes what it means.
"""
