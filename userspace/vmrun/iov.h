/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scattered buffers, @count of them in @iov, as one row of bytes. No function
 * changes @iov or reaches beyond it.
 */
#ifndef VMRUN_IOV_H
#define VMRUN_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/* More than one request ever has: a virtqueue's longest chain, and a header. */
#define IOV_MAX_PARTS	264

size_t iov_length(const struct iovec *iov, unsigned int count);

/* Copy up to @len bytes out of or into the buffers at @offset; how many. */
size_t iov_read(const struct iovec *iov, unsigned int count, size_t offset, void *data,
		size_t len);
size_t iov_write(const struct iovec *iov, unsigned int count, size_t offset, const void *data,
		 size_t len);

/*
 * The part [@offset, @offset + @len) as buffers in @part, which has room for
 * @count. Returns how many.
 */
unsigned int iov_slice(const struct iovec *iov, unsigned int count, size_t offset, size_t len,
		       struct iovec *part);

#endif /* VMRUN_IOV_H */
