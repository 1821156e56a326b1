"""The paper's figures and measurements; each program writes a section for the reports."""
