"""What Calmline costs on a computer: the measuring behind `calmline bench`, in one run, with medians and ratios."""
