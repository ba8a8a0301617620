import gc

from hwadmin import logs
from hwadmin.config import Settings
from hwadmin.factory import create_app

settings = Settings.from_env()
logs.configure(settings)
app = create_app(settings)
# What is loaded by now stays as long as the process: the collector need not look at it with every page.
gc.collect()
gc.freeze()
# Nor every 700 new objects, of which a request makes thousands: that took a sixth of the time of a write.
gc.set_threshold(10_000)
