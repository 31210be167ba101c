// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Scattered buffers. Pure.
 */
#include "iov.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

unsigned int iov_slice(const struct iovec *iov, unsigned int count, size_t offset, size_t len,
		       struct iovec *part)
{
	unsigned int parts = 0;

	for (unsigned int i = 0; i < count && len; i++) {
		size_t room = iov[i].iov_len;

		if (offset >= room) {
			offset -= room;
			continue;
		}
		room -= offset;
		if (room > len)
			room = len;
		part[parts++] = (struct iovec){ (uint8_t *)iov[i].iov_base + offset, room };
		offset = 0;
		len -= room;
	}
	return parts;
}

size_t iov_length(const struct iovec *iov, unsigned int count)
{
	size_t len = 0;

	for (unsigned int i = 0; i < count; i++)
		len += iov[i].iov_len;
	return len;
}

static size_t iov_copy(const struct iovec *iov, unsigned int count, size_t offset, uint8_t *data,
		       size_t len, bool into)
{
	size_t done = 0;

	for (unsigned int i = 0; i < count && done < len; i++) {
		size_t room = iov[i].iov_len;
		uint8_t *hva = iov[i].iov_base;

		if (offset >= room) {
			offset -= room;
			continue;
		}
		room -= offset;
		if (room > len - done)
			room = len - done;
		if (into)
			memcpy(hva + offset, data + done, room);
		else
			memcpy(data + done, hva + offset, room);
		offset = 0;
		done += room;
	}
	return done;
}

size_t iov_read(const struct iovec *iov, unsigned int count, size_t offset, void *data, size_t len)
{
	return iov_copy(iov, count, offset, data, len, false);
}

size_t iov_write(const struct iovec *iov, unsigned int count, size_t offset, const void *data,
		 size_t len)
{
	/* Only read in this direction. */
	return iov_copy(iov, count, offset, (uint8_t *)(uintptr_t)data, len, true);
}
