"""Steps and epochs: losses, schedule, distillation, validation."""
