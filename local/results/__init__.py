"""What the rooms share: where systems lie, their scores in tables, the reports' sections, how pictures look."""
