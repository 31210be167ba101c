// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Devmem: named kernel memory that the guest, its owner and other processes of
 * the same user see at once, at guest addresses that change under way.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#define GUEST_VCPUS	1
#include "guest_fixture.h"

#define R	VMM_PROT_READ
#define W	VMM_PROT_WRITE
#define X	VMM_PROT_EXEC
#define PAGE	4096UL
#define LEN	(4 * PAGE)
#define ROM	0xf0000000ULL
#define OTHER	0xf1000000ULL
#define VM_NAME	"devmem-test"

static int create(int vm, const char *name, uint64_t len, uint32_t flags)
{
	struct vmm_devmem args = { .size = sizeof(args), .flags = flags, .len = len };

	snprintf(args.name, sizeof(args.name), "%s", name);
	return vmm_call(vm, VMM_DEVMEM_CREATE, &args);
}

static int destroy(int vm, const char *name)
{
	struct vmm_devmem args = { .size = sizeof(args) };

	snprintf(args.name, sizeof(args.name), "%s", name);
	return vmm_call(vm, VMM_DEVMEM_DESTROY, &args);
}

static int map_at(int vm, const char *name, uint64_t gpa, uint64_t offset, uint64_t len,
		  uint32_t prot)
{
	struct vmm_devmem_map args = {
		.size = sizeof(args), .gpa = gpa, .len = len, .offset = offset, .prot = prot,
	};

	snprintf(args.name, sizeof(args.name), "%s", name);
	return vmm_call(vm, VMM_DEVMEM_MAP, &args);
}

static int unmap(int vm, const char *name, uint64_t gpa, uint64_t len)
{
	struct vmm_devmem_map args = { .size = sizeof(args), .gpa = gpa, .len = len };

	snprintf(args.name, sizeof(args.name), "%s", name);
	return vmm_call(vm, VMM_DEVMEM_UNMAP, &args);
}

static volatile uint32_t *host_map(int fd, uint64_t len)
{
	return mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
}

FIXTURE(devmem) {
	struct guest guest;
	struct guest_cpu *cpu;
	struct vmm_run *run;
	int vm;
	int fd;
	volatile uint32_t *host;
};

FIXTURE_SETUP(devmem)
{
	ASSERT_EQ(0, guest_create(&self->guest, GUEST_VCPUS));
	self->cpu = &self->guest.cpu[0];
	self->run = self->cpu->run;
	self->vm = self->guest.vm;
	self->fd = create(self->vm, "rom", LEN, 0);
	ASSERT_GE(self->fd, 0);
	self->host = host_map(self->fd, LEN);
	ASSERT_NE(MAP_FAILED, (void *)self->host);
}

FIXTURE_TEARDOWN(devmem)
{
	guest_destroy(&self->guest);
	if (self->fd >= 0)
		close(self->fd);
}

TEST_F(devmem, create_refused)
{
	char name[8];
	int i;

	EXPECT_EQ(-EEXIST, create(self->vm, "rom", PAGE, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "", PAGE, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "a.b", PAGE, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "a/b", PAGE, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "0123456789012345678901234567890123", PAGE, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "a", 0, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "a", PAGE + 1, 0));
	EXPECT_EQ(-EINVAL, create(self->vm, "a", PAGE, 2));
	EXPECT_EQ(-ENOSPC, create(self->vm, "a", VMM_DEVMEM_BYTES_MAX, 0));
	EXPECT_EQ(-ENOSPC, create(self->vm, "a", -PAGE, 0));
	for (i = 1; i < VMM_MAX_DEVMEMS; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		ASSERT_GE(create(self->vm, name, PAGE, 0), 0);
	}
	EXPECT_EQ(-ENOSPC, create(self->vm, "a", PAGE, 0));
	EXPECT_EQ(0, destroy(self->vm, "d1"));
	EXPECT_EQ(-ENOENT, destroy(self->vm, "d1"));
	EXPECT_GE(create(self->vm, "d1", PAGE, 0), 0);
}

TEST_F(devmem, map_refused)
{
	static const struct {
		const char *what;
		const char *name;
		uint64_t gpa, offset, len;
		uint32_t prot;
		int error;
	} rows[] = {
		{ "unknown name", "ram", ROM, 0, LEN, R, -ENOENT },
		{ "no length", "rom", ROM, 0, 0, R, -EINVAL },
		{ "gpa not aligned", "rom", ROM + 1, 0, LEN, R, -EINVAL },
		{ "length not aligned", "rom", ROM, 0, LEN - 1, R, -EINVAL },
		{ "offset not aligned", "rom", ROM, 1, PAGE, R, -EINVAL },
		{ "gpa wraps", "rom", -PAGE, 0, LEN, R, -EINVAL },
		{ "beyond 2^48", "rom", 1ULL << 48, 0, LEN, R, -ERANGE },
		{ "longer than it is", "rom", ROM, 0, LEN + PAGE, R, -ENXIO },
		{ "runs over its end", "rom", ROM, PAGE, LEN, R, -ENXIO },
		{ "begins at its end", "rom", ROM, LEN, PAGE, R, -ENXIO },
		{ "offset wraps", "rom", ROM, -PAGE, LEN, R, -ENXIO },
		{ "no access", "rom", ROM, 0, LEN, 0, -EINVAL },
		{ "W without R", "rom", ROM, 0, LEN, W, -EINVAL },
		{ "W and X", "rom", ROM, 0, LEN, R | W | X, -EACCES },
		{ "over memory", "rom", GUEST_MEM - PAGE, 0, LEN, R, -EEXIST },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		EXPECT_EQ(rows[i].error, map_at(self->vm, rows[i].name, rows[i].gpa,
						rows[i].offset, rows[i].len, rows[i].prot))
			TH_LOG("%s", rows[i].what);
	ASSERT_GE(create(self->vm, "wx", LEN, VMM_DEVMEM_WX), 0);
	EXPECT_EQ(0, map_at(self->vm, "wx", OTHER, 0, LEN, R | W | X));
	EXPECT_EQ(-EBUSY, destroy(self->vm, "wx"));
	EXPECT_EQ(-ENOENT, unmap(self->vm, "rom", OTHER, LEN));
	EXPECT_EQ(-ENOENT, unmap(self->vm, "wx", OTHER, PAGE));
	EXPECT_EQ(-ENOENT, vmm_mem_remove(self->vm, OTHER, LEN));
	EXPECT_EQ(0, unmap(self->vm, "wx", OTHER, LEN));
	EXPECT_EQ(0, destroy(self->vm, "wx"));
}

/* By name, whatever the order of creation; segments of both kinds in one list. */
TEST_F(devmem, listed)
{
	struct vmm_devmem next = { .size = sizeof(next) };
	struct vmm_memseg seg = { .size = sizeof(seg), .gpa = GUEST_MEM };

	ASSERT_GE(create(self->vm, "zz", PAGE, VMM_DEVMEM_WX), 0);
	ASSERT_GE(create(self->vm, "bios", 2 * PAGE, 0), 0);
	ASSERT_EQ(0, vmm_call(self->vm, VMM_DEVMEM_NEXT, &next));
	EXPECT_STREQ("bios", next.name);
	EXPECT_EQ(2 * PAGE, next.len);
	ASSERT_EQ(0, vmm_call(self->vm, VMM_DEVMEM_NEXT, &next));
	EXPECT_STREQ("rom", next.name);
	EXPECT_EQ(0, next.flags);
	ASSERT_EQ(0, vmm_call(self->vm, VMM_DEVMEM_NEXT, &next));
	EXPECT_STREQ("zz", next.name);
	EXPECT_EQ(VMM_DEVMEM_WX, next.flags);
	EXPECT_EQ(-ENOENT, vmm_call(self->vm, VMM_DEVMEM_NEXT, &next));

	EXPECT_EQ(-ENOENT, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, PAGE, PAGE, R | X));
	ASSERT_EQ(0, vmm_call(self->vm, VMM_MEMSEG_NEXT, &seg));
	EXPECT_EQ(ROM, seg.gpa);
	EXPECT_EQ(PAGE, seg.len);
	EXPECT_EQ(R | X, seg.prot);
	EXPECT_EQ(VMM_MEMSEG_DEVMEM, seg.flags);
	EXPECT_EQ(0, seg.hva);
}

static void g_swap_words(uint64_t gpa)
{
	g_value(read32(gpa));
	write32(gpa, 0x600dcafe);
	g_done(read32(gpa + 2 * PAGE));
}

TEST_F(devmem, both_sides_see_it)
{
	self->host[0] = 0x11223344;
	self->host[2 * PAGE / 4] = 0x55667788;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, LEN, R | W));
	ASSERT_GUEST(g_swap_words, ROM);
	EXPECT_EQ(0x11223344, self->cpu->value[0]);
	EXPECT_EQ(0x55667788, self->cpu->result);
	EXPECT_EQ(0x600dcafe, self->host[0]);
	EXPECT_EQ(0, self->host[PAGE / 4]);
}

static void g_read(uint64_t gpa)
{
	g_done(read32(gpa));
}

/* Two places at once, one of them a part; then neither. */
TEST_F(devmem, aliases_and_unmap)
{
	self->host[3 * PAGE / 4] = 0xa11a5;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, LEN, R));
	ASSERT_EQ(0, map_at(self->vm, "rom", OTHER, 3 * PAGE, PAGE, R));
	ASSERT_GUEST(g_read, ROM + 3 * PAGE);
	EXPECT_EQ(0xa11a5, self->cpu->result);
	ASSERT_GUEST(g_read, OTHER);
	EXPECT_EQ(0xa11a5, self->cpu->result);
	ASSERT_EQ(0, unmap(self->vm, "rom", ROM, LEN));
	ASSERT_GUEST(g_read, OTHER);
	EXPECT_EQ(0xa11a5, self->cpu->result);
	ASSERT_EQ(0, unmap(self->vm, "rom", OTHER, PAGE));
	ASSERT_EQ(0, guest_start64(self->cpu, g_read, OTHER));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(OTHER, self->run->mmio.gpa);
}

/* A write to read-only devmem is a device access with its value. */
TEST_F(devmem, write_to_rom)
{
	uint32_t value;

	self->host[0] = 0x1111;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, LEN, R | X));
	ASSERT_EQ(0, guest_start64(self->cpu, g_swap_words, ROM));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(0x1111, self->cpu->value[0]);
	EXPECT_EQ(ROM, self->run->mmio.gpa);
	EXPECT_EQ(4, self->run->mmio.size);
	EXPECT_EQ(1, self->run->mmio.write);
	memcpy(&value, self->run->data, 4);
	EXPECT_EQ(0x600dcafe, value);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x1111, self->host[0]);
}

static void g_call(uint64_t gpa)
{
	g_done(((uint64_t (*)(void))gpa)());
}

TEST_F(devmem, execute)
{
	/* mov $0x2a, %eax; ret */
	static const uint8_t code[] = { 0xb8, 0x2a, 0, 0, 0, 0xc3 };

	memcpy((void *)self->host, code, sizeof(code));
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, LEN, R | X));
	ASSERT_GUEST(g_call, ROM);
	EXPECT_EQ(0x2a, self->cpu->result);
	ASSERT_EQ(0, map_at(self->vm, "rom", OTHER, 0, LEN, R | W));
	ASSERT_EQ(0, guest_start64(self->cpu, g_call, OTHER));
	ASSERT_EXIT(VMM_EXIT_MEMORY);
	EXPECT_EQ(OTHER, self->run->memory.gpa);
	EXPECT_EQ(X, self->run->memory.access);
}

/*
 * The kernel's own accesses: an instruction that lies in devmem, under page
 * tables that lie in devmem, and touches a device.
 */
static void g_tables_in_devmem(uint64_t gpa)
{
	uint64_t i;

	for (i = 0; i < 512; i++)
		((volatile uint64_t *)gpa)[i] = ((volatile uint64_t *)GUEST_PML4)[i];
	write_cr3(gpa);
	g_value(((uint64_t (*)(uint64_t))OTHER)(0xd0000000));
	write_cr3(GUEST_PML4);
	g_done(((volatile uint64_t *)gpa)[0] & 0x20);
}

TEST_F(devmem, access_from_the_kernel)
{
	/* mov (%rdi), %eax; ret */
	static const uint8_t code[] = { 0x8b, 0x07, 0xc3 };

	memcpy((void *)(self->host + PAGE / 4), code, sizeof(code));
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, PAGE, R | W));
	ASSERT_EQ(0, map_at(self->vm, "rom", OTHER, PAGE, PAGE, R | X));
	ASSERT_EQ(0, guest_start64(self->cpu, g_tables_in_devmem, ROM));
	ASSERT_EXIT(VMM_EXIT_MMIO);
	EXPECT_EQ(0xd0000000, self->run->mmio.gpa);
	memcpy(self->run->data, &(uint32_t) { 0x7e57 }, 4);
	ASSERT_EXIT(GUEST_DONE);
	EXPECT_EQ(0x7e57, self->cpu->value[0]);
	EXPECT_EQ(0x20, self->cpu->result);
}

TEST_F(devmem, mmap_refused)
{
	const int rw = PROT_READ | PROT_WRITE;

	EXPECT_EQ(MAP_FAILED, mmap(NULL, LEN, rw, MAP_PRIVATE, self->fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, LEN + PAGE, rw, MAP_SHARED, self->fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, rw, MAP_SHARED, self->fd, LEN));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, rw, MAP_SHARED, self->fd, LEN - PAGE));
	EXPECT_NE(MAP_FAILED, mmap(NULL, PAGE, rw, MAP_SHARED, self->fd, LEN - PAGE));
}

/* Nobody can take pages out from under the guest. */
TEST_F(devmem, holes_cannot_be_made)
{
	self->host[0] = 0x5afe;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, LEN, R));
	ASSERT_GUEST(g_read, ROM);
	EXPECT_NE(0, ftruncate(self->fd, 0));
	EXPECT_NE(0, fallocate(self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, LEN));
	EXPECT_NE(0, madvise((void *)self->host, LEN, MADV_REMOVE));
	madvise((void *)self->host, LEN, MADV_DONTNEED);
	EXPECT_EQ(0x5afe, self->host[0]);
	self->host[0] = 0x5aff;
	ASSERT_GUEST(g_read, ROM);
	EXPECT_EQ(0x5aff, self->cpu->result);
}

/* The memory outlives the VM as long as somebody maps it. */
TEST_F(devmem, outlives_the_vm)
{
	self->host[0] = 0xb00c;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, LEN, R | W));
	ASSERT_GUEST(g_swap_words, ROM);
	guest_destroy(&self->guest);
	close(self->fd);
	self->fd = -1;
	EXPECT_TRUE(vmm_objects_gone(2000));
	EXPECT_EQ(0x600dcafe, self->host[0]);
	self->host[1] = 1;
}

/* The owner maps it here and there while the guest reads and the host writes. */
static volatile uint32_t stop, loops;

static void g_watch(uint64_t gpa)
{
	uint32_t last = 0, seen = 0, now;

	g_sti();		/* bochs keeps its host's interrupts back without */
	while (!stop) {
		now = read32(gpa);
		if (now == 0xffffffff)
			continue;		/* not there just then */
		if (now < last)
			g_done(0xbad);
		seen += now != last;
		last = now;
		loops++;
	}
	g_value(seen);
	g_done(last);
}

static void *writer(void *arg)
{
	volatile uint32_t *host = arg;
	volatile uint32_t *quit = &host[1];

	while (!*quit)
		host[0]++;
	return NULL;
}

/* In the check tier a tenth of it. */
TEST_F_TIMEOUT(devmem, remap, 600)
{
	unsigned int rounds = getenv("VMM_REMAPS") ? atoi(getenv("VMM_REMAPS")) : 1000;
	uint32_t before, after;
	unsigned int i;
	pthread_t thread;

	guest_timeout_ms = 590000;
	self->host[0] = 1;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, PAGE, R));
	ASSERT_EQ(0, pthread_create(&thread, NULL, writer, (void *)self->host));
	for (i = 0; i < rounds; i++) {
		uint64_t from = i & 1 ? OTHER : ROM, to = i & 1 ? ROM : OTHER;

		before = self->host[0];
		ASSERT_GUEST(g_read, from);
		EXPECT_GE((uint32_t)self->cpu->result, before);
		EXPECT_LE((uint32_t)self->cpu->result, self->host[0]);
		ASSERT_EQ(0, unmap(self->vm, "rom", from, PAGE));
		ASSERT_EQ(0, map_at(self->vm, "rom", to, 0, PAGE, R));
	}
	after = self->host[0];
	self->host[1] = 1;
	pthread_join(thread, NULL);
	EXPECT_GT(after, 1);
}

static void *remapper(void *arg)
{
	struct guest_cpu *cpu = arg;
	unsigned int rounds = getenv("VMM_REMAPS") ? atoi(getenv("VMM_REMAPS")) : 1000;
	int vm = cpu->guest->vm;
	uintptr_t wrong = 0;
	unsigned int i;

	for (i = 0; i < rounds; i++) {
		wrong += unmap(vm, "rom", ROM, PAGE) != 0;
		wrong += map_at(vm, "rom", OTHER, 0, PAGE, R) != 0;
		wrong += unmap(vm, "rom", OTHER, PAGE) != 0;
		wrong += map_at(vm, "rom", ROM, 0, PAGE, R) != 0;
	}
	*guest_at(cpu->guest, &stop) = 1;
	return (void *)wrong;
}

/* The same with the guest in the middle of it: an absent page reads as all ones. */
TEST_F_TIMEOUT(devmem, remap_under_a_reader, 600)
{
	pthread_t thread, thread2;
	void *wrong;
	int result;

	guest_timeout_ms = 590000;
	self->host[0] = 1;
	ASSERT_EQ(0, map_at(self->vm, "rom", ROM, 0, PAGE, R));
	ASSERT_EQ(0, guest_start64(self->cpu, g_watch, ROM));
	ASSERT_EQ(0, pthread_create(&thread, NULL, writer, (void *)self->host));
	ASSERT_EQ(0, pthread_create(&thread2, NULL, remapper, self->cpu));
	for (;;) {
		result = guest_run(self->cpu);
		if (result != VMM_EXIT_MMIO)
			break;
		memset(self->run->data, 0xff, 4);
	}
	pthread_join(thread2, &wrong);
	self->host[1] = 1;
	pthread_join(thread, NULL);
	ASSERT_EQ(GUEST_DONE, result)
		guest_show(self->cpu);
	EXPECT_EQ(0, (uintptr_t)wrong);
	EXPECT_NE(0xbad, self->cpu->result);
	EXPECT_GT(self->cpu->value[0], 1);
	EXPECT_LE((uint32_t)self->cpu->result, self->host[0]);
	TH_LOG("%u reads, %llu values seen", *guest_at(&self->guest, &loops),
	       (unsigned long long)self->cpu->value[0]);
}

/* --- nodes ----------------------------------------------------------------- */

FIXTURE(node) {
	int ctl, vm;
};

FIXTURE_SETUP(node)
{
	self->ctl = vmm_open();
	ASSERT_GE(self->ctl, 0);
	self->vm = vmm_create(self->ctl, VM_NAME);
	ASSERT_GE(self->vm, 0);
}

FIXTURE_TEARDOWN(node)
{
	close(self->vm);
	close(self->ctl);
}

TEST_F(node, vm)
{
	struct vmm_cpus cpus = { .size = sizeof(cpus) };
	struct vmm_memseg seg = { .size = sizeof(seg), .len = PAGE, .hva = 0x10000, .prot = R };
	struct stat st;
	int fd, status;

	ASSERT_EQ(0, stat("/dev/vmm/" VM_NAME, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(0600, st.st_mode & 07777);
	EXPECT_EQ(getuid(), st.st_uid);
	fd = open("/dev/vmm/" VM_NAME, O_RDWR);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, vmm_call(fd, VMM_GET_CPUS, &cpus));
	EXPECT_EQ(0, vmm_call(fd, VMM_MEMSEG_ADD, &seg));
	EXPECT_EQ(-EEXIST, vmm_call(self->vm, VMM_MEMSEG_ADD, &seg));
	if (!fork()) {
		/* Another address space: what is the owner's is not ours. */
		fd = open("/dev/vmm/" VM_NAME, O_RDWR);
		_exit(vmm_call(fd, VMM_GET_CPUS, &cpus) ||
		      vmm_call(fd, VMM_MEMSEG_ADD, &seg) != -EIO ||
		      create(fd, "x", PAGE, 0) != -EIO);
	}
	wait(&status);
	EXPECT_EQ(0, status);
	/* The VM lives until the second descriptor is closed, too. */
	close(self->vm);
	EXPECT_EQ(0, vmm_call(fd, VMM_GET_CPUS, &cpus));
	EXPECT_EQ(0, stat("/dev/vmm/" VM_NAME, &st));
	close(fd);
	EXPECT_NE(0, stat("/dev/vmm/" VM_NAME, &st));
	EXPECT_TRUE(vmm_objects_gone(2000));
	self->vm = vmm_create(self->ctl, VM_NAME);
	EXPECT_GE(self->vm, 0);
}

TEST_F(node, devmem)
{
	volatile uint32_t *here, *there;
	struct stat st;
	int fd, fd2;

	fd = create(self->vm, "framebuffer", LEN, 0);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, stat("/dev/vmm/" VM_NAME ".framebuffer", &st));
	EXPECT_EQ(0600, st.st_mode & 07777);
	EXPECT_EQ(getuid(), st.st_uid);
	fd2 = open("/dev/vmm/" VM_NAME ".framebuffer", O_RDWR);
	ASSERT_GE(fd2, 0);
	here = host_map(fd, LEN);
	there = host_map(fd2, LEN);
	ASSERT_NE(MAP_FAILED, (void *)here);
	ASSERT_NE(MAP_FAILED, (void *)there);
	here[5] = 0x5ee;
	EXPECT_EQ(0x5ee, there[5]);
	EXPECT_EQ(0, destroy(self->vm, "framebuffer"));
	EXPECT_NE(0, stat("/dev/vmm/" VM_NAME ".framebuffer", &st));
	there[6] = 0x5ef;
	EXPECT_EQ(0x5ef, here[6]);
	ASSERT_GE(create(self->vm, "framebuffer", LEN, 0), 0);
	EXPECT_EQ(0, stat("/dev/vmm/" VM_NAME ".framebuffer", &st));
	close(self->vm);
	EXPECT_NE(0, stat("/dev/vmm/" VM_NAME ".framebuffer", &st));
	EXPECT_NE(0, stat("/dev/vmm/" VM_NAME, &st));
	self->vm = -1;
}

/* Two names at a time, opened by one process while the other creates and closes. */
TEST_F(node, open_while_it_goes)
{
	int i, fd, status, pid = fork();

	if (!pid) {
		for (;;) {
			fd = open("/dev/vmm/race", O_RDWR);
			if (fd >= 0)
				close(fd);
		}
	}
	for (i = 0; i < 200; i++) {
		do
			fd = vmm_create(self->ctl, "race");
		while (fd == -EEXIST);
		ASSERT_GE(fd, 0);
		close(fd);
	}
	kill(pid, SIGKILL);
	wait(&status);
}

TEST_HARNESS_MAIN
