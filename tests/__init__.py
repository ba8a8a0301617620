import gc
import sys

from tests.quick_imports import find_modules_by_name, import_models

if "pytest" in sys.modules:
    # What is loaded stays: nothing of it is garbage. tests/running.py turns it on when all is collected.
    gc.disable()
find_modules_by_name()
import_models("scim2_models")
