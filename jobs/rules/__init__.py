"""Pure rules of jobs/."""
