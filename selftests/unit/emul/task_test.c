// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Task switches in a memory of a few pages: what is saved, what is loaded, and
 * which exception each bad descriptor is, before and after the commit.
 *
 * SDM volume 3 "Exception Conditions Checked During a Task Switch".
 */
#include "env.h"
#include "kselftest_harness.h"
#include "task.h"

#define MEM	0x4000
#define GDT	0x1000
#define OLD	0x2000
#define NEW	0x3000
#define SEL_OLD	0x18
#define SEL_NEW	0x20

struct memory {
	u8 byte[MEM];
	u64 bad;		/* accesses from here on fault; 0: none */
	unsigned int cr3_loads;
};

static enum vie_status reach(struct memory *m, u64 gla, unsigned int size, struct vie_fault *fault)
{
	if ((m->bad && gla + size > m->bad) || gla + size > MEM) {
		*fault = (struct vie_fault) { VIE_PF, true, 0, gla };
		return VIE_FAULT;
	}
	return VIE_OK;
}

static enum vie_status mem_read(void *ctx, const struct vmm_regs *regs, u64 gla,
				unsigned int size, void *buf, struct vie_fault *fault)
{
	struct memory *m = ctx;
	enum vie_status status = reach(m, gla, size, fault);

	(void)regs;
	if (status == VIE_OK)
		memcpy(buf, m->byte + gla, size);
	return status;
}

static enum vie_status mem_write(void *ctx, const struct vmm_regs *regs, u64 gla,
				 unsigned int size, const void *buf, struct vie_fault *fault)
{
	struct memory *m = ctx;
	enum vie_status status = reach(m, gla, size, fault);

	(void)regs;
	if (status == VIE_OK)
		memcpy(m->byte + gla, buf, size);
	return status;
}

static enum vie_status mem_load_cr3(void *ctx, struct vmm_regs *regs, struct vie_fault *fault)
{
	struct memory *m = ctx;

	(void)regs;
	(void)fault;
	m->cr3_loads++;
	return VIE_OK;
}

static const struct task_ops ops = { mem_read, mem_write, mem_load_cr3 };

static void put(struct memory *m, u32 at, u64 value, unsigned int size)
{
	memcpy(m->byte + at, &value, size);
}

static u32 get32(const struct memory *m, u32 at)
{
	u32 value;

	memcpy(&value, m->byte + at, 4);
	return value;
}

static void descriptor(struct memory *m, u16 selector, u32 base, u32 limit, u32 access)
{
	put(m, GDT + selector, (limit & 0xffff) | (u64)(base & 0xffffff) << 16 |
	    (u64)access << 40 | (u64)(limit & 0xf0000) << 32 | (u64)(base >> 24) << 56, 8);
}

static void set_up(struct memory *m, struct vmm_regs *r)
{
	unsigned int i;

	memset(m, 0, sizeof(*m));
	memset(r, 0, sizeof(*r));
	descriptor(m, 0x08, 0, 0xfffff, 0xc09b);
	descriptor(m, 0x10, 0, 0xfffff, 0xc093);
	descriptor(m, SEL_OLD, OLD, 0x67, 0x8b);
	descriptor(m, SEL_NEW, NEW, 0x67, 0x89);
	descriptor(m, 0x28, 0x800, 0xf, 0x82);		/* an LDT */
	descriptor(m, 0x30, 0, 0xfffff, 0x4013);	/* data, not present */
	r->cr0 = 0x80000011;
	r->cr3 = 0x5000;
	r->rflags = 0x246;
	r->dr7 = 0x7ff;
	r->gdtr_base = GDT;
	r->gdtr_limit = 0x37;
	for (i = 0; i < 6; i++) {
		r->gpr[i] = 0x100 + i;
		r->seg[i] = (struct vmm_seg) { .limit = ~0U, .selector = i == VMM_SEG_CS ? 8 : 16,
					       .access = i == VMM_SEG_CS ? 0xc09b : 0xc093 };
		put(m, NEW + 0x48 + i * 4, i == VMM_SEG_CS ? 8 : 16, 4);
	}
	r->seg[VMM_SEG_TR] = (struct vmm_seg) { .base = OLD, .limit = 0x67, .access = 0x8b,
						.selector = SEL_OLD };
	r->seg[VMM_SEG_LDTR].access = VMM_SEG_ACC_UNUSABLE;
	put(m, NEW + 0x1c, 0x6000, 4);
	put(m, NEW + 0x20, 0x1234, 4);
	put(m, NEW + 0x24, 0x2, 4);
	put(m, NEW + 0x28 + 4 * VMM_REG_RSP, 0x3f00, 4);
	put(m, NEW + 0x28 + 4 * VMM_REG_RDI, 0xabcd, 4);
}

TEST(saved_and_loaded)
{
	unsigned int source;
	struct vie_fault fault;
	struct vmm_regs r;
	struct memory m;

	for (source = TASK_CALL; source <= TASK_GATE; source++) {
		struct task_switch sw = {
			.selector = SEL_NEW, .source = source, .return_rip = 0x777,
		};
		bool nested = source == TASK_CALL || source == TASK_GATE;

		set_up(&m, &r);
		r.rflags |= 1 << 14;
		ASSERT_EQ(VIE_OK, task_switch(&r, &sw, &ops, &m, &fault));
		EXPECT_EQ(0x777, get32(&m, OLD + 0x20));
		EXPECT_EQ(source == TASK_IRET ? 0x246 : 0x4246, get32(&m, OLD + 0x24));
		EXPECT_EQ(0x103, get32(&m, OLD + 0x28 + 12));
		EXPECT_EQ(8, get32(&m, OLD + 0x4c));
		EXPECT_EQ(0x1234, r.rip);
		EXPECT_EQ(nested ? 0x4002 : 2, r.rflags);
		EXPECT_EQ(0xabcd, r.gpr[VMM_REG_RDI]);
		EXPECT_EQ(0x6000, r.cr3);
		EXPECT_EQ(1, m.cr3_loads);
		EXPECT_EQ(0x80000019, r.cr0);
		EXPECT_EQ(0x6aa, r.dr7);
		EXPECT_EQ(SEL_NEW, r.seg[VMM_SEG_TR].selector);
		EXPECT_EQ(0x8b, r.seg[VMM_SEG_TR].access);
		EXPECT_EQ(nested ? SEL_OLD : 0, get32(&m, NEW));
		/* Busy: the old one while the new is nested in it. */
		EXPECT_EQ(nested ? 0x8b : 0x89, m.byte[GDT + SEL_OLD + 5]);
		EXPECT_EQ(source == TASK_IRET ? 0x89 : 0x8b, m.byte[GDT + SEL_NEW + 5]);
	}
}

TEST(bad_segments)
{
	static const struct {
		const char *text;
		unsigned int offset;	/* in the TSS */
		u32 value;
		u8 vector;
		u32 error;
	} row[] = {
		{ "CS null", 0x4c, 0, 10, 0 },
		{ "CS is data", 0x4c, 0x10, 10, 0x10 },
		{ "CS beyond the GDT", 0x4c, 0x38, 10, 0x38 },
		{ "CS of another privilege", 0x4c, 0x0b, 10, 0x08 },
		{ "SS null", 0x50, 0, 10, 0 },
		{ "SS is code", 0x50, 0x08, 10, 0x08 },
		{ "SS of another privilege", 0x50, 0x13, 10, 0x10 },
		{ "SS not present", 0x50, 0x30, 12, 0x30 },
		{ "DS not present", 0x54, 0x30, 11, 0x30 },
		{ "DS is a TSS", 0x54, SEL_OLD, 10, SEL_OLD },
		{ "ES in an LDT that is not there", 0x48, 0x0c, 10, 0x0c },
		{ "LDT is data", 0x60, 0x10, 10, 0x10 },
		{ "LDT in an LDT", 0x60, 0x2c, 10, 0x2c },
	};
	struct vie_fault fault;
	struct vmm_regs r;
	struct memory m;
	unsigned int i, external;

	for (i = 0; i < ARRAY_SIZE(row); i++)
		for (external = 0; external < 2; external++) {
			struct task_switch sw = {
				.selector = SEL_NEW, .source = TASK_GATE, .external = external,
			};

			set_up(&m, &r);
			put(&m, NEW + row[i].offset, row[i].value, 4);
			EXPECT_EQ(VIE_FAULT, task_switch(&r, &sw, &ops, &m, &fault)) {
				TH_LOG("%s", row[i].text);
			}
			EXPECT_EQ(row[i].vector, fault.vector) {
				TH_LOG("%s", row[i].text);
			}
			EXPECT_EQ(row[i].error | external, fault.error);
			/* In the new task, with CS and SS that agree. */
			EXPECT_EQ(0x1234, r.rip);
			EXPECT_EQ((r.seg[VMM_SEG_CS].access ^ r.seg[VMM_SEG_SS].access) & 0x60, 0);
		}
}

TEST(other_ends)
{
	struct task_switch sw = { .selector = SEL_NEW, .source = TASK_GATE,
				  .has_error = true, .error = 0x99 };
	struct vie_fault fault;
	struct vmm_regs r, before;
	struct memory m;
	u64 bad;

	set_up(&m, &r);
	ASSERT_EQ(VIE_OK, task_switch(&r, &sw, &ops, &m, &fault));
	EXPECT_EQ(0x3efc, r.gpr[VMM_REG_RSP]);
	EXPECT_EQ(0x99, get32(&m, 0x3efc));

	/* Page faults before the commit leave every register. */
	for (bad = GDT; bad < NEW + 0x68; bad += 7) {
		set_up(&m, &r);
		m.bad = bad;
		before = r;
		EXPECT_EQ(VIE_FAULT, task_switch(&r, &sw, &ops, &m, &fault));
		EXPECT_EQ(VIE_PF, fault.vector);
		EXPECT_EQ(0, memcmp(&before, &r, sizeof(r)));
	}
	set_up(&m, &r);
	descriptor(&m, SEL_NEW, NEW, 0x66, 0x89);
	before = r;
	EXPECT_EQ(VIE_FAULT, task_switch(&r, &sw, &ops, &m, &fault));
	EXPECT_EQ(10, fault.vector);
	EXPECT_EQ(SEL_NEW, fault.error);
	EXPECT_EQ(0, memcmp(&before, &r, sizeof(r)));

	/* The T flag: a debug trap before the first instruction. */
	set_up(&m, &r);
	sw.has_error = false;
	put(&m, NEW + 0x64, 1, 2);
	EXPECT_EQ(VIE_FAULT, task_switch(&r, &sw, &ops, &m, &fault));
	EXPECT_EQ(1, fault.vector);
	EXPECT_EQ(false, fault.has_error);
	EXPECT_EQ(0x8000, r.dr6);

	/* Virtual-8086 mode. */
	set_up(&m, &r);
	put(&m, NEW + 0x24, 0x20002, 4);
	put(&m, NEW + 0x4c, 0x1000, 4);
	EXPECT_EQ(VIE_OK, task_switch(&r, &sw, &ops, &m, &fault));
	EXPECT_EQ(0x10000, r.seg[VMM_SEG_CS].base);
	EXPECT_EQ(0xf3, r.seg[VMM_SEG_SS].access);

	sw.selector = 0x38;
	EXPECT_EQ(VIE_UNKNOWN, task_switch(&r, &sw, &ops, &m, &fault));
}

TEST_HARNESS_MAIN
