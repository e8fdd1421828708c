"""What tests give the product to cope with: damaged runs, disks that fail, sets from elsewhere."""
