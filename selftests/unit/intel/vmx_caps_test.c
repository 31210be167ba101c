// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Control words from capability MSRs of five processor generations, and from
 * these with one bit changed.
 *
 * The MSR values are what such parts are known to report as far as that is
 * public (control words, EPT_VPID_CAP, CR fixed bits); where not, they are
 * completed consistently with the generation's features. The test is about the
 * arithmetic, not about the parts.
 */
#include <uapi/vmm.h>
#include "env.h"
#include "kselftest_harness.h"
#include "vmcs_fields.h"
#include "vmx_caps.h"

#define OPTIONAL_EPT (VMM_CAP_EPT_AD | VMM_CAP_EPT_2M | VMM_CAP_EPT_1G | \
		      VMM_CAP_EPT_EXEC_ONLY)
#define ALWAYS (VMM_CAP_EPT | VMM_CAP_UNRESTRICTED)

static const struct part {
	const char *name;
	struct vmx_msrs msrs;
	u64 caps;		/* 0: refused */
} parts[] = {
	{
		.name = "Lynnfield", .msrs = {
			.feature_control = 5,
			.basic = 0x00da04000000000eULL,
			.pin = 0x0000007f00000016ULL,
			.proc = 0xf7f9fffe0401e172ULL,
			.exit = 0x007fffff00036dffULL,
			.entry = 0x0000ffff000011ffULL,
			.misc = 0x00000000000403c0ULL,
			.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
			.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0x27ff,
			.proc2 = 0x0000006f00000000ULL,
			.ept_vpid = 0x00000f0106114141ULL,
			.true_pin = 0x0000007f00000016ULL,
			.true_proc = 0xf7f9fffe04006172ULL,
			.true_exit = 0x007fffff00036dfbULL,
			.true_entry = 0x0000ffff000011fbULL,
			.cpuid_1_ecx = 0x0098e3fd & ~0x04000000,
			.cpuid_80000001_edx = 0x28100800,
		},
	}, {
		.name = "Arrandale", .msrs = {
			.feature_control = 5,
			.basic = 0x00da04000000000fULL,
			.pin = 0x0000007f00000016ULL,
			.proc = 0xf7f9fffe0401e172ULL,
			.exit = 0x007fffff00036dffULL,
			.entry = 0x0000ffff000011ffULL,
			.misc = 0x00000000000401e5ULL,
			.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
			.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0x267ff,
			.proc2 = 0x000000ff00000000ULL,
			.ept_vpid = 0x00000f0106114141ULL,
			.true_pin = 0x0000007f00000016ULL,
			.true_proc = 0xf7f9fffe04006172ULL,
			.true_exit = 0x007fffff00036dfbULL,
			.true_entry = 0x0000ffff000011fbULL,
			.cpuid_1_ecx = 0x0298e3ff,
			.cpuid_80000001_edx = 0x28100800,
		},
		.caps = ALWAYS | VMM_CAP_EPT_2M | VMM_CAP_EPT_EXEC_ONLY |
			VMM_CAP_VPID | VMM_CAP_TPR_SHADOW | VMM_CAP_RDTSCP |
			VMM_CAP_PREEMPT_TIMER,
	}, {
		.name = "Sandy Bridge", .msrs = {
			.feature_control = 5,
			.basic = 0x00da040000000010ULL,
			.pin = 0x0000007f00000016ULL,
			.proc = 0xfff9fffe0401e172ULL,
			.exit = 0x007fffff00036dffULL,
			.entry = 0x0000ffff000011ffULL,
			.misc = 0x00000000100401e5ULL,
			.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
			.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0x627ff,
			.proc2 = 0x000004ff00000000ULL,
			.ept_vpid = 0x00000f0106114141ULL,
			.true_pin = 0x0000007f00000016ULL,
			.true_proc = 0xfff9fffe04006172ULL,
			.true_exit = 0x007fffff00036dfbULL,
			.true_entry = 0x0000ffff000011fbULL,
			.cpuid_1_ecx = 0x1fbae3ff,
			.cpuid_80000001_edx = 0x28100800,
		},
		.caps = ALWAYS | VMM_CAP_EPT_2M | VMM_CAP_EPT_EXEC_ONLY |
			VMM_CAP_VPID | VMM_CAP_TPR_SHADOW | VMM_CAP_RDTSCP |
			VMM_CAP_PREEMPT_TIMER | VMM_CAP_MTF |
			VMM_CAP_PAUSE_LOOP | VMM_CAP_XSAVE,
	}, {
		.name = "Haswell", .msrs = {
			.feature_control = 5,
			.basic = 0x00da040000000012ULL,
			.pin = 0x0000007f00000016ULL,
			.proc = 0xfff9fffe0401e172ULL,
			.exit = 0x007fffff00036dffULL,
			.entry = 0x0000ffff000011ffULL,
			.misc = 0x00000000300481e5ULL,
			.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
			.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0x1767ff,
			.proc2 = 0x00007cff00000000ULL,
			.ept_vpid = 0x00000f0106334141ULL,
			.true_pin = 0x0000007f00000016ULL,
			.true_proc = 0xfff9fffe04006172ULL,
			.true_exit = 0x007fffff00036dfbULL,
			.true_entry = 0x0000ffff000011fbULL,
			.cpuid_1_ecx = 0x7fdafbbf,
			.cpuid_7_ebx = 0x000027ab | 1 << 10,
			.cpuid_80000001_edx = 0x2c100800,
		},
		.caps = ALWAYS | OPTIONAL_EPT | VMM_CAP_VPID | VMM_CAP_MTF |
			VMM_CAP_TPR_SHADOW | VMM_CAP_RDTSCP |
			VMM_CAP_PREEMPT_TIMER | VMM_CAP_PAUSE_LOOP |
			VMM_CAP_XSAVE | VMM_CAP_INVPCID,
	}, {
		.name = "Skylake-X", .msrs = {
			.feature_control = 5,
			.basic = 0x00da040000000004ULL,
			.pin = 0x000000ff00000016ULL,
			.proc = 0xfff9fffe0401e172ULL,
			.exit = 0x01ffffff00036dffULL,
			.entry = 0x0003ffff000011ffULL,
			.misc = 0x000000007004c1e7ULL,
			.cr0_fixed0 = 0x80000021, .cr0_fixed1 = 0xffffffff,
			.cr4_fixed0 = 0x2000, .cr4_fixed1 = 0x3767ff,
			.proc2 = 0x025fbfff00000000ULL,
			.ept_vpid = 0x00000f0106734141ULL,
			.true_pin = 0x000000ff00000016ULL,
			.true_proc = 0xfff9fffe04006172ULL,
			.true_exit = 0x01ffffff00036dfbULL,
			.true_entry = 0x0003ffff000011fbULL,
			.cpuid_1_ecx = 0x7ffefbff,
			.cpuid_7_ebx = 0xd39ffffb,
			.cpuid_80000001_edx = 0x2c100800,
		},
		.caps = ALWAYS | OPTIONAL_EPT | VMM_CAP_VPID | VMM_CAP_MTF |
			VMM_CAP_TPR_SHADOW | VMM_CAP_RDTSCP |
			VMM_CAP_PREEMPT_TIMER | VMM_CAP_PAUSE_LOOP |
			VMM_CAP_XSAVE | VMM_CAP_INVPCID | VMM_CAP_APIC_REG_VIRT |
			VMM_CAP_VID | VMM_CAP_PML | VMM_CAP_TSC_SCALING,
	},
};

#define HASWELL	3
#define SKYLAKE	4

static bool allowed(u32 word, u64 msr)
{
	return !(word & ~(u32)(msr >> 32)) && !(~word & (u32)msr);
}

static bool names(const struct vmx_refusal *why, const char *what)
{
	unsigned int i;

	for (i = 0; i < why->count && i < VMX_MISSING_MAX; i++)
		if (!strcmp(why->item[i].what, what))
			return why->item[i].remedy && strlen(why->item[i].remedy) > 10;
	return false;
}

TEST(known_parts)
{
	struct vmx_refusal why;
	struct vmx_caps c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		const struct vmx_msrs *m = &parts[i].msrs;

		ASSERT_EQ(vmx_caps_compute(m, 0, &c, &why), !!parts[i].caps)
			TH_LOG("%s: %s", parts[i].name,
			       why.count ? why.item[0].what : "");
		if (!parts[i].caps)
			continue;
		EXPECT_EQ(c.caps, parts[i].caps)
			TH_LOG("%s", parts[i].name);
		EXPECT_EQ(why.count, 0U);
		EXPECT_TRUE(allowed(c.pin, m->true_pin));
		EXPECT_TRUE(allowed(c.proc, m->true_proc));
		EXPECT_TRUE(allowed(c.proc2, m->proc2));
		EXPECT_TRUE(allowed(c.exit, m->true_exit));
		EXPECT_TRUE(allowed(c.entry, m->true_entry));
		EXPECT_EQ(c.revision, (u32)m->basic);
		EXPECT_TRUE(c.ins_outs_info);
		EXPECT_FALSE(c.error_code_any);
		EXPECT_TRUE(vmx_caps_fit(&c, m, &why));
	}
}

/* The words themselves, spelled out from the settings that were decided. */
TEST(words)
{
	struct vmx_refusal why;
	struct vmx_caps c;

	ASSERT_TRUE(vmx_caps_compute(&parts[SKYLAKE].msrs, 0, &c, &why));
	/* Default1 bits 1, 2, 4; external interrupt, NMI, virtual NMI, timer. */
	EXPECT_EQ(c.pin, 0x16U | 0x69);
	/* Default1 1, 4-6, 8, 13, 14, 26; TSC offset, HLT, MWAIT, RDPMC, CR8, */
	/* unconditional I/O, MSR bitmaps, MONITOR, secondary. */
	EXPECT_EQ(c.proc, 0x04006172U | 1U << 3 | 1U << 7 | 1U << 10 |
			  1U << 11 | 3U << 19 | 1U << 24 | 1U << 28 |
			  1U << 29 | 1U << 31);
	/* EPT, RDTSCP, VPID, WBINVD, unrestricted, PAUSE loop, INVPCID. */
	EXPECT_EQ(c.proc2, 1U << 1 | 1U << 3 | 1U << 5 | 1U << 6 | 1U << 7 |
			   1U << 10 | 1U << 12);
	/* Default1; save debug, host 64, PAT and EFER saved and loaded. */
	EXPECT_EQ(c.exit, 0x00036dffU | 1U << 9 | 0xfU << 18);
	EXPECT_EQ(c.entry, 0x000011ffU | 1U << 14 | 1U << 15);
	EXPECT_EQ(c.cr0_ones, 0x20U);
	EXPECT_EQ(c.cr0_zeros, ~0xffffffffULL);
	EXPECT_EQ(c.cr4_ones, 0x2000U);
	EXPECT_EQ(c.cr4_zeros, ~0x3767ffULL);
	EXPECT_EQ(c.preempt_timer_shift, 7U);
	EXPECT_TRUE(c.zero_length_inject);
	EXPECT_TRUE(c.activity_hlt);
	EXPECT_TRUE(c.activity_wait_sipi);
	EXPECT_TRUE(c.invvpid_address);
}

/* A control we have never heard of keeps its default1 setting. */
TEST(unknown_default1_bit)
{
	struct vmx_msrs m = parts[HASWELL].msrs;
	struct vmx_refusal why;
	struct vmx_caps c;

	m.exit |= 1ULL << 27 | 1ULL << 59;	/* default1 */
	m.true_exit |= 1ULL << 59;		/* may be 0 */
	ASSERT_TRUE(vmx_caps_compute(&m, 0, &c, &why));
	EXPECT_TRUE(c.exit & 1U << 27);
}

/* Without TRUE MSRs CR3 accesses must exit: refused, and by name. */
TEST(no_true_msrs)
{
	struct vmx_msrs m = parts[HASWELL].msrs;
	struct vmx_refusal why;
	struct vmx_caps c;

	m.basic &= ~BIT_ULL(55);
	m.true_pin = m.true_proc = m.true_exit = m.true_entry = 0;
	EXPECT_FALSE(vmx_caps_compute(&m, 0, &c, &why));
	EXPECT_TRUE(names(&why, "CR3-load exiting = 0"));
	EXPECT_TRUE(names(&why, "CR3-store exiting = 0"));
	EXPECT_EQ(why.count, 2U);
	m.proc &= ~(3ULL << 15);
	EXPECT_TRUE(vmx_caps_compute(&m, 0, &c, &why));
}

TEST(lynnfield_is_refused_in_words)
{
	struct vmx_refusal why;
	struct vmx_caps c;

	EXPECT_FALSE(vmx_caps_compute(&parts[0].msrs, 0, &c, &why));
	ASSERT_EQ(why.count, 1U);
	EXPECT_STREQ(why.item[0].what, "unrestricted guest");
	EXPECT_NE(strstr(why.item[0].remedy, "Westmere"), NULL);
}

/* Take one required thing away: the refusal names just that. */
TEST(each_requirement)
{
#define ALLOW1(field, bit) offsetof(struct vmx_msrs, field), (u64)(bit) << 32, 0
#define FORCE1(field, bit) offsetof(struct vmx_msrs, field), 0, (u64)(bit)
#define FLAG(field, bit)   offsetof(struct vmx_msrs, field), (u64)(bit), 0
#define SET(field, bit)    offsetof(struct vmx_msrs, field), 0, (u64)(bit)
	static const struct {
		size_t msr;
		u64 clear;
		u64 set;
		const char *what;
	} row[] = {
		{ FLAG(cpuid_1_ecx, 1 << 5), "VMX (CPUID.1:ECX bit 5)" },
		{ FLAG(feature_control, 1), "IA32_FEATURE_CONTROL locked" },
		{ FLAG(feature_control, 4), "VMX outside SMX operation in IA32_FEATURE_CONTROL" },
		{ FLAG(basic, 6ULL << 50), "VMCS in write-back memory" },
		{ SET(basic, 1ULL << 44), "VMCS region of at most 4096 bytes" },
		{ SET(basic, 1ULL << 48), "64-bit VMX addresses" },
		{ ALLOW1(true_pin, 1U << 0), "external-interrupt exiting" },
		{ ALLOW1(true_pin, 1U << 3), "NMI exiting" },
		{ ALLOW1(true_pin, 1U << 5), "virtual NMIs" },
		{ FORCE1(true_pin, 1U << 7), "process posted interrupts = 0" },
		{ ALLOW1(true_proc, 1U << 2), "interrupt-window exiting" },
		{ FORCE1(true_proc, 1U << 2), "interrupt-window exiting" },
		{ ALLOW1(true_proc, 1U << 3), "use TSC offsetting" },
		{ ALLOW1(true_proc, 1U << 7), "HLT exiting" },
		{ FORCE1(true_proc, 1U << 9), "INVLPG exiting = 0" },
		{ ALLOW1(true_proc, 1U << 10), "MWAIT exiting" },
		{ ALLOW1(true_proc, 1U << 11), "RDPMC exiting" },
		{ FORCE1(true_proc, 1U << 12), "RDTSC exiting = 0" },
		{ FORCE1(true_proc, 1U << 15), "CR3-load exiting = 0" },
		{ FORCE1(true_proc, 1U << 16), "CR3-store exiting = 0" },
		{ ALLOW1(true_proc, 1U << 19), "CR8-load exiting" },
		{ ALLOW1(true_proc, 1U << 20), "CR8-store exiting" },
		{ ALLOW1(true_proc, 1U << 22), "NMI-window exiting" },
		{ FORCE1(true_proc, 1U << 23), "MOV-DR exiting = 0" },
		{ ALLOW1(true_proc, 1U << 24), "unconditional I/O exiting" },
		{ FORCE1(true_proc, 1U << 25), "use I/O bitmaps = 0" },
		{ ALLOW1(true_proc, 1U << 28), "use MSR bitmaps" },
		{ ALLOW1(true_proc, 1U << 29), "MONITOR exiting" },
		{ FORCE1(true_proc, 1U << 30), "PAUSE exiting = 0" },
		{ ALLOW1(true_proc, 1U << 31), "activate secondary controls" },
		{ ALLOW1(proc2, 1U << 1), "enable EPT" },
		{ ALLOW1(proc2, 1U << 7), "unrestricted guest" },
		{ ALLOW1(proc2, 1U << 6), "WBINVD exiting" },
		{ FORCE1(proc2, 1U << 20), "enable XSAVES/XRSTORS = 0" },
		{ ALLOW1(true_exit, 1U << 2), "save debug controls" },
		{ ALLOW1(true_exit, 1U << 9), "host address-space size" },
		{ FORCE1(true_exit, 1U << 12), "load IA32_PERF_GLOBAL_CTRL on exit = 0" },
		{ FORCE1(true_exit, 1U << 15), "acknowledge interrupt on exit = 0" },
		{ ALLOW1(true_exit, 1U << 18), "save IA32_PAT" },
		{ ALLOW1(true_exit, 1U << 19), "load IA32_PAT on exit" },
		{ ALLOW1(true_exit, 1U << 20), "save IA32_EFER" },
		{ ALLOW1(true_exit, 1U << 21), "load IA32_EFER on exit" },
		{ FORCE1(true_exit, 1U << 22), "save VMX-preemption timer value = 0" },
		{ ALLOW1(true_entry, 1U << 2), "load debug controls" },
		{ ALLOW1(true_entry, 1U << 9), "IA-32e mode guest" },
		{ FORCE1(true_entry, 1U << 10), "entry to SMM = 0" },
		{ FORCE1(true_entry, 1U << 11), "deactivate dual-monitor treatment = 0" },
		{ FORCE1(true_entry, 1U << 13), "load IA32_PERF_GLOBAL_CTRL on entry = 0" },
		{ ALLOW1(true_entry, 1U << 14), "load IA32_PAT on entry" },
		{ ALLOW1(true_entry, 1U << 15), "load IA32_EFER on entry" },
		{ FLAG(ept_vpid, 1 << 6), "EPT page-walk length 4" },
		{ FLAG(ept_vpid, 1 << 14), "EPT paging structures in write-back memory" },
		{ FLAG(ept_vpid, 1 << 20), "INVEPT instruction" },
		{ FLAG(ept_vpid, 1 << 25), "single-context INVEPT" },
		{ FLAG(ept_vpid, 1 << 26), "all-context INVEPT" },
	};
	struct vmx_refusal why;
	struct vmx_caps c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		struct vmx_msrs m = parts[SKYLAKE].msrs;
		u64 v = 0;
		size_t n = row[i].msr >= offsetof(struct vmx_msrs, cpuid_1_ecx)
			   ? sizeof(u32) : sizeof(u64);

		memcpy(&v, (char *)&m + row[i].msr, n);
		v = (v & ~row[i].clear) | row[i].set;
		memcpy((char *)&m + row[i].msr, &v, n);
		EXPECT_FALSE(vmx_caps_compute(&m, 0, &c, &why))
			TH_LOG("row %u: %s", i, row[i].what);
		EXPECT_EQ(why.count, 1U)
			TH_LOG("row %u: %s", i, row[i].what);
		EXPECT_TRUE(names(&why, row[i].what))
			TH_LOG("row %u: %s, not %s", i,
			       why.count ? why.item[0].what : "nothing",
			       row[i].what);
		/* And a machine whose other processor is like that. */
		ASSERT_TRUE(vmx_caps_compute(&parts[SKYLAKE].msrs, 0, &c, &why));
		EXPECT_FALSE(vmx_caps_fit(&c, &m, &why));
		EXPECT_TRUE(names(&why, row[i].what));
	}
}

/* Every optional capability can be switched off; its control goes with it. */
TEST(disable)
{
	static const struct {
		u64 cap;
		u64 also;
		u32 proc2;
	} row[] = {
		{ VMM_CAP_EPT_AD, VMM_CAP_PML, 0 },
		{ VMM_CAP_EPT_2M, VMM_CAP_EPT_1G, 0 },
		{ VMM_CAP_EPT_1G, 0, 0 },
		{ VMM_CAP_EPT_EXEC_ONLY, 0, 0 },
		{ VMM_CAP_VPID, 0, VMX_PROC2_VPID },
		{ VMM_CAP_MTF, 0, 0 },
		{ VMM_CAP_TPR_SHADOW, VMM_CAP_APIC_REG_VIRT | VMM_CAP_VID, 0 },
		{ VMM_CAP_APIC_REG_VIRT, 0, 0 },
		{ VMM_CAP_VID, 0, 0 },
		{ VMM_CAP_PML, 0, 0 },
		{ VMM_CAP_TSC_SCALING, 0, 0 },
		{ VMM_CAP_PAUSE_LOOP, 0, VMX_PROC2_PAUSE_LOOP },
		{ VMM_CAP_PREEMPT_TIMER, 0, 0 },
		{ VMM_CAP_XSAVE, 0, 0 },
		{ VMM_CAP_INVPCID, 0, VMX_PROC2_INVPCID },
		{ VMM_CAP_RDTSCP, 0, VMX_PROC2_RDTSCP },
		{ VMM_CAP_EPT, 0, 0 },			/* these two stay */
		{ VMM_CAP_UNRESTRICTED, 0, 0 },
	};
	const struct vmx_msrs *m = &parts[SKYLAKE].msrs;
	u64 all = parts[SKYLAKE].caps;
	struct vmx_refusal why;
	struct vmx_caps full, c;
	unsigned int i;

	ASSERT_TRUE(vmx_caps_compute(m, 0, &full, &why));
	for (i = 0; i < ARRAY_SIZE(row); i++) {
		u64 want = (all & ~(row[i].cap | row[i].also)) | ALWAYS;

		ASSERT_TRUE(vmx_caps_compute(m, row[i].cap, &c, &why));
		EXPECT_EQ(c.caps, want)
			TH_LOG("row %u", i);
		EXPECT_EQ(c.proc2, full.proc2 & ~row[i].proc2)
			TH_LOG("row %u", i);
		EXPECT_EQ(c.proc, full.proc);
		EXPECT_EQ(c.pin, row[i].cap == VMM_CAP_PREEMPT_TIMER ?
				 full.pin & ~VMX_PIN_PREEMPT_TIMER : full.pin);
		EXPECT_TRUE(vmx_caps_fit(&c, m, &why));
	}
	ASSERT_TRUE(vmx_caps_compute(m, ~0ULL, &c, &why));
	EXPECT_EQ(c.caps, (u64)ALWAYS);
}

/* INVVPID must be able to do what invalidation relies on. */
TEST(vpid_needs_invvpid)
{
	static const u64 needs[] = { 1ULL << 32, 1ULL << 41, 1ULL << 42 };
	struct vmx_refusal why;
	struct vmx_caps c;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(needs); i++) {
		struct vmx_msrs m = parts[HASWELL].msrs;

		m.ept_vpid &= ~needs[i];
		ASSERT_TRUE(vmx_caps_compute(&m, 0, &c, &why));
		EXPECT_FALSE(c.caps & VMM_CAP_VPID);
		EXPECT_FALSE(c.proc2 & VMX_PROC2_VPID);
	}
}

TEST(processors_that_differ)
{
	struct vmx_msrs m = parts[SKYLAKE].msrs;
	struct vmx_refusal why;
	struct vmx_caps c, h;

	ASSERT_TRUE(vmx_caps_compute(&m, 0, &c, &why));
	ASSERT_TRUE(vmx_caps_compute(&parts[HASWELL].msrs, 0, &h, &why));
	EXPECT_FALSE(vmx_caps_fit(&c, &parts[HASWELL].msrs, &why));
	EXPECT_TRUE(names(&why, "optional features of the first processor"));
	EXPECT_TRUE(names(&why, "the same VMCS revision identifier"));
	EXPECT_TRUE(names(&why, "the same fixed bits in CR4"));

	/* A control that must be 1 there and is 0 here. */
	m.true_proc |= 1U << 0;
	m.true_proc |= 1ULL << 32;
	EXPECT_FALSE(vmx_caps_fit(&c, &m, &why));
	EXPECT_TRUE(names(&why, "primary processor-based controls"));

	/* An option that is in use here and not to be had there. */
	m = parts[SKYLAKE].msrs;
	m.proc2 &= ~((u64)VMX_PROC2_PAUSE_LOOP << 32);
	EXPECT_FALSE(vmx_caps_fit(&c, &m, &why));
	EXPECT_TRUE(names(&why, "PAUSE-loop exiting"));
	EXPECT_TRUE(names(&why, "optional features of the first processor"));
	EXPECT_EQ(why.count, 2U);

	m = parts[SKYLAKE].msrs;
	m.cr0_fixed0 |= 0x10;
	EXPECT_FALSE(vmx_caps_fit(&c, &m, &why));
	EXPECT_TRUE(names(&why, "the same fixed bits in CR0"));
	EXPECT_EQ(why.count, 1U);

	/* One CR4 bit more on the other processor does no harm. */
	m = parts[SKYLAKE].msrs;
	m.cr4_fixed1 |= 1 << 22;
	EXPECT_TRUE(vmx_caps_fit(&c, &m, &why));
}

/* A processor that can do nothing: the list is cut, not overrun. */
TEST(everything_is_missing)
{
	struct vmx_msrs m = { .cpuid_1_ecx = 1 << 5 };
	struct vmx_refusal why;
	struct vmx_caps c;

	EXPECT_FALSE(vmx_caps_compute(&m, 0, &c, &why));
	EXPECT_GT(why.count, (unsigned int)VMX_MISSING_MAX);
}

TEST_HARNESS_MAIN
