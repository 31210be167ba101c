/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the pure rooms may use, as the kernel provides it: integer types, bit
 * and arithmetic helpers, memory primitives. selftests/unit/env.h is the
 * userspace twin; the two must define the same names.
 */
#ifndef VMM_ENV_H
#define VMM_ENV_H

#include <linux/bitops.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/compiler.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/types.h>

#endif /* VMM_ENV_H */
