"""What front ends are made of: windows and filters, and torch modules that an exporter can follow."""
