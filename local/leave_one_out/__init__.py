"""Leave one speaker out; local/leave_one_out.sh runs it."""
