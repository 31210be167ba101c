// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The life of a VM: creation, names, the list, counts, and its end.
 */
#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include "kselftest_harness.h"
#include "in_guest.h"

FIXTURE(vm) {
	int ctl;
};

FIXTURE_SETUP(vm)
{
	self->ctl = vmm_open();
	ASSERT_GE(self->ctl, 0);
}

FIXTURE_TEARDOWN(vm)
{
	close(self->ctl);
}

TEST_F(vm, info)
{
	struct vmm_info info = { .size = sizeof(info) };
	const uint64_t always = VMM_CAP_EPT | VMM_CAP_UNRESTRICTED;

	ASSERT_EQ(0, vmm_call(self->ctl, VMM_GET_INFO, &info));
	EXPECT_EQ(sizeof(info), info.size);
	EXPECT_EQ(VMM_ABI_VERSION, info.abi_version);
	EXPECT_EQ(VMM_MAX_VCPUS, info.max_vcpus);
	EXPECT_EQ(VMM_IOAPIC_PINS, info.ioapic_pins);
	EXPECT_EQ(VMM_RUN_SIZE, info.run_size);
	EXPECT_EQ(always, info.caps & always);
	EXPECT_EQ(VMM_REFUSAL_NONE, info.refusal);
	EXPECT_GT(info.tsc_khz, 1000);
	EXPECT_NE(0, info.version[0]);
	EXPECT_EQ(0, info.version[sizeof(info.version) - 1]);
	EXPECT_EQ(0, info.pad);
}

TEST_F(vm, abi_version)
{
	struct vmm_vm_create args = { .size = sizeof(args) };

	EXPECT_EQ(-EPROTO, vmm_call(self->ctl, VMM_VM_CREATE, &args));
	args.abi_version = VMM_ABI_VERSION + 1;
	EXPECT_EQ(-EPROTO, vmm_call(self->ctl, VMM_VM_CREATE, &args));
	args.abi_version = ~0U;
	EXPECT_EQ(-EPROTO, vmm_call(self->ctl, VMM_VM_CREATE, &args));
}

TEST_F(vm, names)
{
	struct vmm_vm_create args = { .size = sizeof(args), .abi_version = VMM_ABI_VERSION };
	static const char *const bad[] = {
		".", "..", "a/b", "a b", "a.b", "\xc3\xa4", "a\n", " ", "a\x7f",
	};
	static const char *const good[] = {
		"a", "A-Z_0-9", "-", "_", "01234567890123456789012345678901",
	};
	unsigned int i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		EXPECT_EQ(-EINVAL, vmm_create(self->ctl, bad[i]))
			TH_LOG("bad name %u", i);
	for (i = 0; i < ARRAY_SIZE(good); i++) {
		fd = vmm_create(self->ctl, good[i]);
		ASSERT_GE(fd, 0)
			TH_LOG("good name %u", i);
		EXPECT_EQ(-EEXIST, vmm_create(self->ctl, good[i]));
		close(fd);
		fd = vmm_create(self->ctl, good[i]);
		EXPECT_GE(fd, 0)
			TH_LOG("good name %u is not free again", i);
		close(fd);
	}
	/* 33 characters; 40, with no end; something behind the end. */
	EXPECT_EQ(-EINVAL, vmm_create(self->ctl, "012345678901234567890123456789012"));
	memset(args.name, 'a', sizeof(args.name));
	EXPECT_EQ(-EINVAL, vmm_call(self->ctl, VMM_VM_CREATE, &args));
	memset(args.name, 0, sizeof(args.name));
	args.name[0] = 'a';
	args.name[2] = 'b';
	EXPECT_EQ(-EINVAL, vmm_call(self->ctl, VMM_VM_CREATE, &args));
	memset(args.name, 0, sizeof(args.name));
	args.name[39] = 'b';
	EXPECT_EQ(-EINVAL, vmm_call(self->ctl, VMM_VM_CREATE, &args));
}

TEST_F(vm, list)
{
	struct vmm_vm_list list = { .size = sizeof(list) };
	int vm = vmm_create(self->ctl, "listed");
	unsigned int named = 0, all = 0;
	uint32_t last = 0;
	int error;

	ASSERT_GE(vm, 0);
	ASSERT_GE(vmm_create(self->ctl, ""), 0);
	ASSERT_GE(vmm_vcpu(vm, 0), 0);
	ASSERT_GE(vmm_vcpu(vm, 63), 0);
	ASSERT_EQ(0, vmm_mem_add(vm, 0x1000, (void *)0x10000, 0x3000, VMM_PROT_READ));
	while (!(error = vmm_call(self->ctl, VMM_VM_LIST, &list))) {
		all++;
		ASSERT_GT(list.id, last);
		last = list.id;
		EXPECT_EQ(geteuid(), list.owner_uid);
		if (strcmp(list.name, "listed"))
			continue;
		named++;
		EXPECT_EQ(getpid(), (pid_t)list.owner_pid);
		EXPECT_EQ(2, list.vcpus);
		EXPECT_EQ(0x3000, list.memory);
		EXPECT_LT(list.age_ns, 60000000000ULL);
	}
	EXPECT_EQ(-ENOENT, error);
	EXPECT_EQ(1, named);
	EXPECT_EQ(2, all);
	list.id = ~0U;
	EXPECT_EQ(-ENOENT, vmm_call(self->ctl, VMM_VM_LIST, &list));
}

TEST_F(vm, close_on_exec)
{
	int vm = vmm_create(self->ctl, "");
	int vcpu = vmm_vcpu(vm, 0);

	ASSERT_GE(vcpu, 0);
	EXPECT_TRUE(fcntl(vm, F_GETFD) & FD_CLOEXEC);
	EXPECT_TRUE(fcntl(vcpu, F_GETFD) & FD_CLOEXEC);
}

TEST_F(vm, counts)
{
	struct vmm_info info = { .size = sizeof(info) };
	int vm, vcpu[3], i;

	EXPECT_EQ(0, vmm_objects("vms"));
	EXPECT_EQ(0, vmm_objects("vcpus"));
	vm = vmm_create(self->ctl, "");
	ASSERT_GE(vm, 0);
	for (i = 0; i < 3; i++) {
		vcpu[i] = vmm_vcpu(vm, i);
		ASSERT_GE(vcpu[i], 0);
	}
	EXPECT_EQ(1, vmm_objects("vms"));
	EXPECT_EQ(3, vmm_objects("vcpus"));
	ASSERT_EQ(0, vmm_call(self->ctl, VMM_GET_INFO, &info));
	EXPECT_EQ(1, info.vms);
	EXPECT_EQ(3, info.vcpus);
	/* The VM stays while one vCPU fd does. */
	close(vm);
	close(vcpu[0]);
	close(vcpu[2]);
	EXPECT_EQ(1, vmm_objects("vms"));
	EXPECT_EQ(0, vmm_activate(vcpu[1]));
	close(vcpu[1]);
	EXPECT_TRUE(vmm_objects_gone(2000));
}

/* A mapping of the run page is a reference like the fd itself. */
TEST_F(vm, run_page)
{
	int vm = vmm_create(self->ctl, "");
	int vcpu = vmm_vcpu(vm, 0);
	struct vmm_run *run;

	ASSERT_GE(vcpu, 0);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, vcpu, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 8192, PROT_READ, MAP_SHARED, vcpu, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, vcpu, 4096));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, vcpu, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 4096, PROT_READ, MAP_SHARED, vm, 0));
	run = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu, 0);
	ASSERT_NE(MAP_FAILED, run);
	run->regs_want = 0x12345678;
	close(vcpu);
	close(vm);
	EXPECT_EQ(1, vmm_objects("vms"));
	EXPECT_EQ(0x12345678, run->regs_want);
	ASSERT_EQ(0, munmap(run, 4096));
	EXPECT_TRUE(vmm_objects_gone(2000));
}

TEST_F(vm, vcpus)
{
	int vm = vmm_create(self->ctl, "");
	uint32_t id;

	EXPECT_EQ(-EINVAL, vmm_vcpu(vm, VMM_MAX_VCPUS));
	EXPECT_EQ(-EINVAL, vmm_vcpu(vm, ~0U));
	for (id = 0; id < VMM_MAX_VCPUS; id++)
		ASSERT_GE(vmm_vcpu(vm, id), 0);
	EXPECT_EQ(-EEXIST, vmm_vcpu(vm, 0));
	EXPECT_EQ(-EEXIST, vmm_vcpu(vm, 63));
}

TEST_F(vm, run_preconditions)
{
	int vm = vmm_create(self->ctl, "");
	int vcpu = vmm_vcpu(vm, 0);

	ASSERT_GE(vcpu, 0);
	EXPECT_EQ(-EINVAL, vmm_run_once(vcpu))
		TH_LOG("ran before it was activated");
	EXPECT_EQ(0, vmm_activate(vcpu));
	EXPECT_EQ(-EBUSY, vmm_activate(vcpu));
	EXPECT_EQ(-EINVAL, vmm_call(vcpu, VMM_RUN, (void *)1));
}

/* Its memory is the owner's: a child may hold the fds but not run the VM. */
TEST_F(vm, other_address_space)
{
	int vm = vmm_create(self->ctl, "");
	int vcpu = vmm_vcpu(vm, 0);
	int status, bad = 0;
	pid_t child;

	ASSERT_GE(vcpu, 0);
	ASSERT_EQ(0, vmm_activate(vcpu));
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		bad |= vmm_run_once(vcpu) != -EIO ? 1 : 0;
		bad |= vmm_mem_add(vm, 0, (void *)0x10000, 4096, VMM_PROT_READ) != -EIO ? 2 : 0;
		bad |= vmm_mem_remove(vm, 0, 4096) != -EIO ? 4 : 0;
		bad |= vmm_suspend_vm(vm, VMM_SUSPEND_RESET) != 0 ? 8 : 0;
		_exit(bad);
	}
	/* The child's copies of the fds keep the VM when ours are gone. */
	ASSERT_EQ(child, waitpid(child, &status, 0));
	ASSERT_TRUE(WIFEXITED(status));
	EXPECT_EQ(0, WEXITSTATUS(status));
	close(vcpu);
	close(vm);
	EXPECT_TRUE(vmm_objects_gone(2000));
}

TEST_F(vm, fds_survive_owner)
{
	int vm = -1, vcpu = -1, pipefd[2], status;
	pid_t child;
	char c;

	/* The child creates a VM, its child inherits the fds. */
	ASSERT_EQ(0, pipe(pipefd));
	child = fork();
	ASSERT_GE(child, 0);
	if (!child) {
		pid_t heir, parent = getpid();

		vm = vmm_create(self->ctl, "orphan");
		vcpu = vmm_vcpu(vm, 0);
		if (vcpu < 0 || vmm_activate(vcpu))
			_exit(1);
		heir = fork();
		if (heir)
			_exit(heir < 0);
		/* The owner is about to be gone. */
		while (getppid() == parent)
			usleep(1000);
		c = 0;
		if (vmm_run_once(vcpu) != -EIO)
			c |= 1;
		if (vmm_objects("vms") != 1)
			c |= 2;
		if (write(pipefd[1], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	ASSERT_EQ(child, waitpid(child, &status, 0));
	EXPECT_EQ(0, status);
	close(pipefd[1]);
	ASSERT_EQ(1, read(pipefd[0], &c, 1));
	EXPECT_EQ(0, c);
	EXPECT_TRUE(vmm_objects_gone(2000));
}

/* The end of a VM waits for grace periods, which take their time. */
TEST_F_TIMEOUT(vm, no_leak, 120)
{
	uint64_t begin = now_ms();
	int i, vm, vcpu;

	for (i = 0; i < 100; i++) {
		vm = vmm_create(self->ctl, "again");
		ASSERT_GE(vm, 0)
			TH_LOG("turn %d", i);
		vcpu = vmm_vcpu(vm, i % VMM_MAX_VCPUS);
		ASSERT_GE(vcpu, 0);
		close(vm);
		close(vcpu);
	}
	TH_LOG("%llu ms each", (unsigned long long)(now_ms() - begin) / 100);
	EXPECT_TRUE(vmm_objects_gone(2000));
}

TEST_F(vm, many)
{
	int vm[100], i;

	for (i = 0; i < 100; i++) {
		vm[i] = vmm_create(self->ctl, "");
		ASSERT_GE(vm[i], 0);
	}
	EXPECT_EQ(100, vmm_objects("vms"));
	for (i = 0; i < 100; i++)
		close(vm[i]);
	EXPECT_TRUE(vmm_objects_gone(2000));
}

/* Not root: max_vms is 64. */
TEST_F(vm, limit_for_users)
{
	int i, fd = 0;

	if (geteuid())
		SKIP(return, "only root can become another user");
	ASSERT_EQ(0, setresuid(1234, 1234, 1234));
	for (i = 0; i < 64; i++) {
		fd = vmm_create(self->ctl, "");
		ASSERT_GE(fd, 0)
			TH_LOG("VM %d", i);
	}
	EXPECT_EQ(-EUSERS, vmm_create(self->ctl, ""));
	close(fd);
	EXPECT_GE(vmm_create(self->ctl, ""), 0);
}

TEST_F(vm, users_do_not_see_others)
{
	struct vmm_vm_list list = { .size = sizeof(list) };

	if (geteuid())
		SKIP(return, "only root can become another user");
	ASSERT_GE(vmm_create(self->ctl, "secret"), 0);
	ASSERT_EQ(0, setresuid(1234, 1234, 1234));
	EXPECT_EQ(-ENOENT, vmm_call(self->ctl, VMM_VM_LIST, &list));
	EXPECT_EQ(-EEXIST, vmm_create(self->ctl, "secret"));
}

TEST_HARNESS_MAIN
