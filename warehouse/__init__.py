"""What the tables are, and their keeping: contracts, lake, database, publishing. Never imports `pipelines`."""
