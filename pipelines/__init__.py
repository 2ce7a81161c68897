"""Makes the tables: reads the site (`jekyll`), normalises (`normalise`), and runs as Dagster assets."""
