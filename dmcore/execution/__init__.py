"""Execution plan and fast paths: device, threads, memory, fused and Winograd kernels."""
