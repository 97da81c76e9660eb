"""Where the tiles and checkpoints of the logs lie: outside the database, in a folder or a bucket."""
