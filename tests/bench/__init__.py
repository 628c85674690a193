"""Measurements that anybody can repeat: ``make bench``, or ``make bench ARGS=epoch`` for one."""
