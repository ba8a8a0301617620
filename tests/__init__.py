from tests.quick_imports import find_modules_by_name, import_models

find_modules_by_name()
import_models("scim2_models")
