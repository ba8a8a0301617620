from tests.quick_imports import import_models

import_models("scim2_client")
