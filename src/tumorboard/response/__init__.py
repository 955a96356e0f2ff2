"""Response to treatment: RECIST 1.1 and mRECIST from measurements in sequence, endpoints, and their plots."""
