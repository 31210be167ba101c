// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * What is common to all ioctls: kinds of fds, pointers, sizes, flags, and
 * bytes that must be zero. Every row of ioctl_table.h goes through every case;
 * the rejected calls come first, so the success at the end also shows that
 * they changed nothing.
 */
#include <sys/eventfd.h>
#include <sys/mman.h>
#include "kselftest_harness.h"
#include "in_guest.h"
#include "ioctl_table.h"

#define BUF	8192

FIXTURE(args) {
	int fd[KINDS];
	uint8_t *buf;		/* BUF bytes, then a page that is not there */
};

FIXTURE_SETUP(args)
{
	self->fd[CTL] = vmm_open();
	ASSERT_GE(self->fd[CTL], 0);
	self->fd[VM] = vmm_create(self->fd[CTL], "");
	ASSERT_GE(self->fd[VM], 0);
	self->fd[BARE] = vmm_create(self->fd[CTL], "");
	ASSERT_GE(self->fd[BARE], 0);
	self->fd[VCPU] = vmm_vcpu(self->fd[VM], 0);
	ASSERT_GE(self->fd[VCPU], 0);
	self->buf = mmap(NULL, BUF + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	ASSERT_NE(MAP_FAILED, self->buf);
	ASSERT_EQ(0, munmap(self->buf + BUF, 4096));
	ASSERT_EQ(TABLE_EVENTFD, dup2(eventfd(0, EFD_CLOEXEC), TABLE_EVENTFD));
}

FIXTURE_TEARDOWN(args)
{
	close(self->fd[VCPU]);
	close(self->fd[BARE]);
	close(self->fd[VM]);
	close(self->fd[CTL]);
}

static void put32(uint8_t *buf, uint32_t offset, uint32_t value)
{
	memcpy(buf + offset, &value, 4);
}

static uint8_t *fresh(uint8_t *buf, const struct ioctl_row *row)
{
	memset(buf, 0, BUF);
	memcpy(buf, row->arg, row->size);
	return buf;
}

#define FOR_EACH_ROW(row)	\
	for (row = ioctl_table; row < ioctl_table + IOCTL_ROWS; row++)

TEST_F(args, wrong_kind_of_fd)
{
	const struct ioctl_row *row;
	int kind;

	/* VM and BARE are of one kind. */
	FOR_EACH_ROW(row)
		for (kind = CTL; kind < KINDS; kind++) {
			if (kind == (int)row->kind ||
			    (kind != CTL && kind != VCPU && row->kind == (kind == VM ? BARE : VM)))
				continue;
			EXPECT_EQ(-ENOTTY, vmm_call(self->fd[kind], row->request,
						    fresh(self->buf, row)))
				TH_LOG("%s on fd %d", row->name, kind);
		}
	EXPECT_EQ(-ENOTTY, vmm_run_once(self->fd[CTL]));
	EXPECT_EQ(-ENOTTY, vmm_run_once(self->fd[VM]));
}

TEST_F(args, unknown_number)
{
	unsigned int nr, kind;
	const struct ioctl_row *row;

	memset(self->buf, 0, BUF);
	for (kind = CTL; kind < KINDS; kind++) {
		for (nr = 0; nr < 256; nr++) {
			bool known = nr == _IOC_NR(VMM_RUN);

			FOR_EACH_ROW(row)
				known |= _IOC_NR(row->request) == nr;
			if (known)
				continue;
			put32(self->buf, 0, 64);
			EXPECT_EQ(-ENOTTY, vmm_call(self->fd[kind], _IOWR(VMM_IOC, nr, long),
						    self->buf))
				TH_LOG("number %#x", nr);
		}
		EXPECT_EQ(-ENOTTY, vmm_call(self->fd[kind], _IOWR('V', 0, long), self->buf));
	}
}

TEST_F(args, bad_pointer)
{
	const struct ioctl_row *row;
	int fd;

	FOR_EACH_ROW(row) {
		fd = self->fd[row->kind];
		EXPECT_EQ(-EFAULT, vmm_call(fd, row->request, NULL))
			TH_LOG("%s: NULL", row->name);
		EXPECT_EQ(-EFAULT, vmm_call(fd, row->request, (void *)-4096L))
			TH_LOG("%s: kernel address", row->name);
		/* The header is there, the rest is not. */
		memcpy(self->buf + BUF - 8, row->arg, 8);
		EXPECT_EQ(-EFAULT, vmm_call(fd, row->request, self->buf + BUF - 8))
			TH_LOG("%s: cut off", row->name);
		memcpy(self->buf + BUF - 4, row->arg, 4);
		EXPECT_EQ(-EFAULT, vmm_call(fd, row->request, self->buf + BUF - 4))
			TH_LOG("%s: header cut off", row->name);
	}
}

TEST_F(args, read_only_memory)
{
	const struct ioctl_row *row;
	unsigned int seen = 0;

	FOR_EACH_ROW(row) {
		if (!(_IOC_DIR(row->request) & _IOC_READ) || row->request == VMM_VM_LIST ||
		    row->request == VMM_MEMSEG_NEXT || row->request == VMM_DEVMEM_NEXT ||
		    row->request == VMM_PROTECT_NEXT)
			continue;
		fresh(self->buf, row);
		ASSERT_EQ(0, mprotect(self->buf, BUF, PROT_READ));
		EXPECT_EQ(-EFAULT, vmm_call(self->fd[row->kind], row->request, self->buf))
			TH_LOG("%s", row->name);
		ASSERT_EQ(0, mprotect(self->buf, BUF, PROT_READ | PROT_WRITE));
		seen++;
	}
	EXPECT_GT(seen, 5);
}

TEST_F(args, sizes)
{
	const struct ioctl_row *row;
	int fd;

	FOR_EACH_ROW(row) {
		fd = self->fd[row->kind];
		put32(fresh(self->buf, row), 0, 0);
		EXPECT_EQ(-EINVAL, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: size 0", row->name);
		put32(fresh(self->buf, row), 0, row->size - 1);
		EXPECT_EQ(-EINVAL, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: size - 1", row->name);
		put32(fresh(self->buf, row), 0, row->size + 8);
		self->buf[row->size + 7] = 1;
		EXPECT_EQ(-E2BIG, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: tail not zero", row->name);
		put32(fresh(self->buf, row), 0, 4097);
		EXPECT_EQ(-E2BIG, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: above a page", row->name);
		put32(fresh(self->buf, row), 0, 0xffffffff);
		EXPECT_EQ(-E2BIG, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: size ~0", row->name);
	}
}

TEST_F(args, flags_and_padding)
{
	const struct ioctl_row *row;
	const struct zero_range *zero;
	uint32_t i;
	int fd;

	FOR_EACH_ROW(row) {
		fd = self->fd[row->kind];
		put32(fresh(self->buf, row), 4, 0x80000000);
		EXPECT_EQ(-EINVAL, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: flag 31", row->name);
		put32(fresh(self->buf, row), 4, 0x10);
		EXPECT_EQ(-EINVAL, vmm_call(fd, row->request, self->buf))
			TH_LOG("%s: flag 4", row->name);
		for (zero = row->zero; zero < row->zero + 3 && zero->len; zero++)
			for (i = 0; i < zero->len; i++) {
				fresh(self->buf, row)[zero->offset + i] = 0x80;
				EXPECT_EQ(-EINVAL, vmm_call(fd, row->request, self->buf))
					TH_LOG("%s: byte %u", row->name, zero->offset + i);
			}
	}
}

/* Longer than the kernel knows but zero, and the tail stays as it is. */
TEST_F(args, longer_and_accepted)
{
	const struct ioctl_row *row;
	int result;

	FOR_EACH_ROW(row) {
		put32(fresh(self->buf, row), 0, row->size + 16);
		result = vmm_call(self->fd[row->kind], row->request, self->buf);
		EXPECT_GE(result, 0)
			TH_LOG("%s: %d", row->name, result);
		EXPECT_EQ(0, self->buf[row->size] | self->buf[row->size + 15])
			TH_LOG("%s wrote behind its structure", row->name);
		if (result > 0)
			close(result);
	}
}

/* The size in an ioctl's number does not count: it changes when it grows. */
TEST_F(args, number_without_size)
{
	const struct ioctl_row *row;
	int result;

	FOR_EACH_ROW(row) {
		result = vmm_call(self->fd[row->kind],
				  _IOC(_IOC_DIR(row->request), VMM_IOC, _IOC_NR(row->request), 0x123),
				  fresh(self->buf, row));
		EXPECT_GE(result, 0)
			TH_LOG("%s: %d", row->name, result);
		if (result > 0)
			close(result);
	}
}

TEST_HARNESS_MAIN
