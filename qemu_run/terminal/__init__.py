"""What a person sees: drawn on a terminal with rich, as plain lines anywhere else."""
