"""What a person sees: styled and wrapped on a terminal, plain lines anywhere else."""
