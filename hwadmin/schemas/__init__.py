"""What programs send and get: request models, response models, serializers."""
