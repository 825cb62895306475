"""The register in PostGIS. Domain values go in and come out; nothing else knows SQL."""
