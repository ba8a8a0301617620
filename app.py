import gc

# What is loaded stays: looking through it for garbage again and again would take a sixth of the start.
gc.disable()

from hwadmin import logs  # noqa: E402
from hwadmin.config import Settings  # noqa: E402
from hwadmin.factory import create_app  # noqa: E402

settings = Settings.from_env()
logs.configure(settings)
app = create_app(settings)
# What is loaded by now stays as long as the process: the collector need not look at it with every page.
gc.collect()
gc.freeze()
# Nor every 700 new objects, of which a request makes thousands: that took a sixth of the time of a write.
gc.set_threshold(10_000)
gc.enable()
