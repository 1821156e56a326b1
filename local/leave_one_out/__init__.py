"""Leave-one-speaker-out evaluation; local/leave_one_out.sh runs it."""
