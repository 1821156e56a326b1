"""The paper's figures and what else it measures: each program leaves a section of the reports."""
