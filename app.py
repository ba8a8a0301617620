import gc

from hwadmin.factory import create_app

app = create_app()
# What is loaded by now stays as long as the process: the collector need not look at it with every page.
gc.collect()
gc.freeze()
