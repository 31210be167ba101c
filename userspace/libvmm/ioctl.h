/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How this library calls ioctl(2): the result or a negative errno, never -1.
 * A signal is not retried here: only the caller knows what it was for.
 */
#ifndef LIBVMM_IOCTL_H
#define LIBVMM_IOCTL_H

#include <errno.h>
#include <sys/ioctl.h>

static inline int ioctl_errno(int fd, unsigned long request, void *argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? -errno : result;
}

#endif /* LIBVMM_IOCTL_H */
