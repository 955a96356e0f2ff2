"""Many patients: the tables of cases in Parquet, the guideline run over them, and what happened to them."""
