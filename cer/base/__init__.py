"""What every program needs and no speech: errors, files, tables, JSON, CSV, options, finished work, streams."""
