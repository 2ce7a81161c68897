"""Makes the tables: reads the site (`jekyll`), normalises (`normalise`), and runs as Dagster assets."""

import gc

gc.set_threshold(100_000)  # rows by the thousand are no garbage, and looking for it is a tenth of the time
