// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The ABI's layout, asserted when this is compiled (abi_layout.h, once more for
 * 32-bit callers by the Makefile), and the ioctls as a 32-bit caller makes them.
 *
 * INT 80h is the 32-bit system call, also from a 64-bit process: the kernel
 * then takes the compat path. Arguments lie below 4 GiB, for so does the
 * whole program.
 */
#include <setjmp.h>
#include <signal.h>
#include "kselftest_harness.h"
#include "abi_layout.h"
#include "in_guest.h"

#define IA32_IOCTL	54

TEST(layout)
{
	/* That this program exists is the proof; the run page is one page. */
	EXPECT_LE(sizeof(struct vmm_run), VMM_RUN_SIZE);
	EXPECT_EQ(VMM_RUN_DATA_MAX, sizeof(((struct vmm_run *)0)->data));
}

TEST(layout_for_32_bit_callers)
{
#ifndef ABI_LAYOUT_32
	SKIP(return, "this compiler has no -m32");
#endif
	/* Compiled by the Makefile with the same assertions. */
	EXPECT_EQ(1, ABI_LAYOUT_32 + 0);
}

static sigjmp_buf no_ia32;

static void on_fault(int sig)
{
	siglongjmp(no_ia32, 1);
}

static int ioctl32(int fd, uint32_t request, void *arg)
{
	uint32_t result;

	asm volatile("int $0x80" : "=a"(result)
		     : "0"(IA32_IOCTL), "b"(fd), "c"(request), "d"((uint32_t)(uintptr_t)arg)
		     : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static struct vmm_info info;
static struct vmm_vm_create create;
static struct vmm_vcpu_create vcpu_create;
static struct vmm_simple simple;
static struct vmm_vcpu_regs regs;
static struct vmm_memseg memseg;

TEST(calls_of_32_bit_callers)
{
	struct sigaction action = { .sa_handler = on_fault };
	int ctl = vmm_open(), vm, vcpu;
	struct vmm_run *run;

	ASSERT_GE(ctl, 0);
	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(no_ia32, 1))
		SKIP(return, "this kernel has no 32-bit system calls");
	info.size = sizeof(info);
	ASSERT_EQ(0, ioctl32(ctl, VMM_GET_INFO, &info));
	EXPECT_EQ(VMM_ABI_VERSION, info.abi_version);
	EXPECT_EQ(-ENOTTY, ioctl32(ctl, VMM_RUN, NULL));
	EXPECT_EQ(-EFAULT, ioctl32(ctl, VMM_GET_INFO, (void *)8));
	create.size = sizeof(create);
	create.abi_version = VMM_ABI_VERSION;
	vm = ioctl32(ctl, VMM_VM_CREATE, &create);
	ASSERT_GE(vm, 0);
	memseg = (struct vmm_memseg) {
		.size = sizeof(memseg), .gpa = 0xfffff000, .len = 4096, .prot = VMM_PROT_READ,
		.hva = (uintptr_t)mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0),
	};
	/* OUT at the reset vector. */
	memcpy((void *)(uintptr_t)(memseg.hva + 0xff0), "\xe6\xf0", 2);
	memseg.prot |= VMM_PROT_EXEC;
	ASSERT_EQ(0, ioctl32(vm, VMM_MEMSEG_ADD, &memseg));
	vcpu_create.size = sizeof(vcpu_create);
	vcpu = ioctl32(vm, VMM_VCPU_CREATE, &vcpu_create);
	ASSERT_GE(vcpu, 0);
	simple.size = sizeof(simple);
	ASSERT_EQ(0, ioctl32(vcpu, VMM_ACTIVATE_CPU, &simple));
	regs.size = sizeof(regs);
	regs.groups = VMM_REGS_ALL;
	ASSERT_EQ(0, ioctl32(vcpu, VMM_GET_REGS, &regs));
	EXPECT_EQ(0xfff0, regs.regs.rip);
	run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	ASSERT_NE(MAP_FAILED, run);
	do {
		ASSERT_EQ(0, ioctl32(vcpu, VMM_RUN, NULL));
	} while (run->exit == VMM_EXIT_NONE);
	EXPECT_EQ(VMM_EXIT_IO, run->exit);
	EXPECT_EQ(0xf0, run->io.port);
	EXPECT_EQ(0xfff2, run->regs.rip);
}

TEST_HARNESS_MAIN
