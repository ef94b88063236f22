"""What AutoInt+'s fields look at."""
