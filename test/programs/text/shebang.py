#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Doc."""
from __future__ import division

print(5 / 2, __doc__)
