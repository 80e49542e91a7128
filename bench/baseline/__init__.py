"""What each row is measured against. Changes only with a decision record in docs/adr/."""
