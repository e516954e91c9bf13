"""What comes next is not here yet."""
