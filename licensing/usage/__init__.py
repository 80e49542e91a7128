"""What is consumed of licences: taken in once, summed by day, and counted against quotas."""
