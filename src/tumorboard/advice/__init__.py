"""Case and knowledge together: situations, options with their grade and status, and the questions that would decide."""
