// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Event merging and injection order, exhaustively: every pair of events
 * against the SDM's double-fault table written out here a second time, and
 * every combination of inputs against the SDM's checks on VM-entry control
 * fields and guest interruptibility.
 */
#include "env.h"
#include "kselftest_harness.h"
#include "vmx_intinfo.h"

#define HW(v)	(0x80000300U | (v))
#define EXT(v)	(0x80000000U | (v))
#define NMI	0x80000202U
#define SWI(v)	(0x80000400U | (v))
#define INT1	0x80000501U
#define INT3	0x80000603U
#define INTO	0x80000604U
#define ERR	0x800U
#define DF	(HW(8) | ERR)

/* Vectors 0-31: b benign, c contributory, p page fault, d double fault. */
static const char class_of[33] = "cbbbbbbbdbccccpbbbbbpcbbbbbbbbbb";

/* SDM "Conditions for Generating a Double Fault"; 2 second, D #DF, X shutdown. */
static const struct {
	char first;
	const char *second;	/* benign, contributory, page fault */
} table[] = {
	{ 'b', "222" },
	{ 'c', "2D2" },
	{ 'p', "2DD" },
	{ 'd', "2XX" },
};

static char outcome(u32 first, u32 second)
{
	char a = (first & 0x700) == 0x300 ? class_of[first & 31] : 'b';
	char b = class_of[second & 31];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].first == a)
			return table[i].second[b == 'b' ? 0 : b == 'c' ? 1 : 2];
	abort();
}

static u32 firsts[64];
static unsigned int nfirsts;

static void make_firsts(void)
{
	u32 v;

	nfirsts = 0;
	firsts[nfirsts++] = EXT(0x20);
	firsts[nfirsts++] = EXT(14);	/* a vector is not an exception by number */
	firsts[nfirsts++] = EXT(8);
	firsts[nfirsts++] = NMI;
	firsts[nfirsts++] = SWI(0x80);
	firsts[nfirsts++] = SWI(13);
	firsts[nfirsts++] = INT1;
	firsts[nfirsts++] = INT3;
	firsts[nfirsts++] = INTO;
	for (v = 0; v < 32; v++)
		if (v != 2)
			firsts[nfirsts++] = HW(v);
}

TEST(merge_every_pair)
{
	unsigned int i, n = 0;
	u64 got;
	u32 v;

	make_firsts();
	for (i = 0; i < nfirsts; i++) {
		for (v = 0; v < 32; v++) {
			u64 first = vmx_intinfo(firsts[i], 0x11);
			u64 second = vmx_intinfo(HW(v) | ERR, 0x22);
			enum vmx_merge r;

			if (v == 2 || v == 8)
				continue;
			r = vmx_intinfo_merge(first, second, &got);
			switch (outcome(firsts[i], v)) {
			case '2':
				EXPECT_EQ(r, VMX_MERGE_INJECT);
				EXPECT_EQ(got, second);
				break;
			case 'D':
				EXPECT_EQ(r, VMX_MERGE_INJECT);
				EXPECT_EQ(got, (u64)DF);
				break;
			case 'X':
				EXPECT_EQ(r, VMX_MERGE_TRIPLE_FAULT);
				EXPECT_EQ(got, 0U);
				break;
			}
			n++;
		}
		/* Nothing queued since: the first again, unchanged. */
		EXPECT_EQ(vmx_intinfo_merge(vmx_intinfo(firsts[i], 0x11), 0, &got),
			  VMX_MERGE_INJECT);
		EXPECT_EQ(got, vmx_intinfo(firsts[i], 0x11));
	}
	EXPECT_EQ(n, 40U * 30U);
	EXPECT_EQ(vmx_intinfo_merge(0, 0, &got), VMX_MERGE_NONE);
	EXPECT_EQ(vmx_intinfo_merge(0, HW(6), &got), VMX_MERGE_INJECT);
	EXPECT_EQ(got, (u64)HW(6));
}

static bool is_error_vector(u32 v)
{
	return v == 8 || (v >= 10 && v <= 14) || v == 17;
}

/* SDM "VM-Entry Control Fields", "Guest Non-Register State". */
static const char *entry_refused(const struct vmx_event_in *in,
				 const struct vmx_event_out *out)
{
	u32 vector = out->info & 0xff, type = out->info >> 8 & 7;
	bool pe = in->cr0 & 1, error = out->info & ERR;

	if (!(out->info >> 31))
		return out->info ? "bits without valid" : NULL;
	if (out->info & 0x7ffff000)
		return "reserved bits";
	if (type == 1 || type == 7)
		return "type";
	if (type == 2 && vector != 2)
		return "NMI vector";
	if (type == 3 && vector > 31)
		return "exception vector";
	if (error && (type != 3 || !pe))
		return "error code";
	if (type == 3 && pe && !in->error_code_any &&
	    error != is_error_vector(vector))
		return "error code of vector";
	if (error && out->error >> 16)
		return "error code high bits";
	if (type >= 4 && type <= 6 && (out->inst_length < 1 || out->inst_length > 15))
		return "instruction length";
	if (type == 0 && (out->interruptibility & 3))
		return "interrupt with STI or MOV-SS blocking";
	if (type == 0 && !(in->rflags & 0x200))
		return "interrupt with IF clear";
	if (type == 2 && (out->interruptibility & 0xb))
		return "NMI with blocking";
	return NULL;
}

TEST(decide_every_input)
{
	u32 bits, block, event, n = 0;

	make_firsts();
	/* Queued: none, #GP, #PF, #UD, #DB. Cut short: none and all above. */
	for (event = 0; event < 5 * (nfirsts + 1); event++) {
		static const u32 queued[] = { 0, HW(13) | ERR, HW(14) | ERR, HW(6), HW(1) };
		u32 second = queued[event % 5];
		u32 first = event / 5 ? firsts[event / 5 - 1] : 0;

		if ((first & 0x700) == 0x300 && is_error_vector(first & 0xff))
			first |= ERR;
		for (bits = 0; bits < 32; bits++) {
			for (block = 0; block < 16; block++) {
				struct vmx_event_in in = {
					.exit_intinfo = vmx_intinfo(first, first & ERR ? 5 : 0),
					.queued = vmx_intinfo(second, second & ERR ? 6 : 0),
					.rflags = 2 | (bits & 1 ? 0x200 : 0),
					.cr0 = bits & 2 ? 0x80000031 : 0x60000010,
					.interruptibility = block,
					.inst_length = 2,
					.nmi_pending = bits & 4,
					.intr_pending = bits & 8,
					.error_code_any = bits & 16,
				};
				struct vmx_event_out out;
				bool nmi_ok, intr_ok;
				const char *bad;

				/* Delivery of an interrupt had begun with IF set. */
				if (first && !(first & 0x700) && !second)
					in.rflags |= 0x200;
				nmi_ok = !first && !second && !(block & 0xb);
				vmx_event_decide(&in, &out);
				n++;

				if (first && second && outcome(first, second) == 'X') {
					ASSERT_TRUE(out.triple_fault);
					ASSERT_EQ(out.info, 0U);
					ASSERT_FALSE(out.take_nmi || out.take_intr);
					continue;
				}
				ASSERT_FALSE(out.triple_fault);

				bad = entry_refused(&in, &out);
				ASSERT_EQ(bad, NULL)
					TH_LOG("%s: %x + %x, %x %x", bad, first,
					       second, bits, block);

				/* Order: event, NMI, interrupt. */
				if (first || second) {
					ASSERT_NE(out.info, 0U);
					ASSERT_FALSE(out.take_nmi || out.take_intr);
				}
				ASSERT_EQ(out.take_nmi, in.nmi_pending && nmi_ok);
				if (out.take_nmi)
					ASSERT_EQ(out.info, NMI);
				ASSERT_EQ(out.nmi_window,
					  in.nmi_pending && !out.take_nmi);
				intr_ok = !first && !second && !out.take_nmi &&
					  !(block & 3) && (in.rflags & 0x200);
				ASSERT_EQ(out.take_intr, in.intr_pending && intr_ok);
				ASSERT_EQ(out.intr_window,
					  in.intr_pending && !out.take_intr);
				/* SMI blocking is nobody's here. */
				ASSERT_EQ(out.interruptibility & 4, block & 4);
				if (!out.info)
					ASSERT_EQ(out.interruptibility, block);

				if (out.take_intr) {
					vmx_event_interrupt(&out, 0x31, bits & 1);
					ASSERT_EQ(out.info, EXT(0x31));
					ASSERT_EQ(out.intr_window, !!(bits & 1));
					ASSERT_EQ(entry_refused(&in, &out), NULL);
				}
			}
		}
	}
	EXPECT_EQ(n, 5U * 41U * 32U * 16U);
}

/* A spurious acknowledge leaves nothing to inject and no window. */
TEST(acknowledge_finds_nothing)
{
	struct vmx_event_in in = { .rflags = 0x202, .cr0 = 1, .intr_pending = true };
	struct vmx_event_out out;

	vmx_event_decide(&in, &out);
	EXPECT_TRUE(out.take_intr);
	EXPECT_EQ(out.info, 0U);
	EXPECT_FALSE(out.intr_window);
}

TEST(forms)
{
	struct vmx_event_in in = { .cr0 = 1, .inst_length = 2 };
	struct vmx_event_out out;

	/* #BP as a hardware exception becomes a software exception. */
	in.queued = vmx_intinfo(HW(3), 0);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, INT3);
	EXPECT_EQ(out.inst_length, 2U);

	/* Real mode drops the error code, and #DF has none there either. */
	in.cr0 = 0;
	in.queued = vmx_intinfo(HW(13) | ERR, 0x18);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, HW(13));
	in.exit_intinfo = vmx_intinfo(HW(13), 0);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, HW(8));

	/* Protected mode needs one even if the queue gave none. */
	in.cr0 = 1;
	in.exit_intinfo = 0;
	in.queued = vmx_intinfo(HW(13), 0);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, HW(13) | ERR);
	EXPECT_EQ(out.error, 0U);
	in.queued = vmx_intinfo(HW(14) | ERR, 7);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.error, 7U);
	in.queued = vmx_intinfo(HW(14) | ERR, 0x10007);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.error, 7U);

	/* #CP has one only where the processor takes any. */
	in.queued = vmx_intinfo(HW(21) | ERR, 3);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, HW(21));
	in.error_code_any = true;
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, HW(21) | ERR);
	EXPECT_EQ(out.error, 3U);

	/* An NMI cut short is delivered again although it blocks NMIs. */
	in = (struct vmx_event_in) {
		.exit_intinfo = NMI, .cr0 = 1, .interruptibility = 8,
		.nmi_pending = true,
	};
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info, NMI);
	EXPECT_EQ(out.interruptibility, 0U);
	EXPECT_FALSE(out.take_nmi);
	EXPECT_TRUE(out.nmi_window);

	/* Length 0 is not for every processor. */
	in = (struct vmx_event_in) { .exit_intinfo = SWI(0x80), .cr0 = 1 };
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.inst_length, 1U);
}

TEST(exit_info)
{
	EXPECT_EQ(vmx_intinfo_exit(0x7fffffff, 9), 0U);
	EXPECT_EQ(vmx_intinfo_exit(EXT(0x20) | 1 << 12, 9), (u64)EXT(0x20));
	EXPECT_EQ(vmx_intinfo_exit(HW(14) | ERR | 1 << 12, 9),
		  vmx_intinfo(HW(14) | ERR, 9));
}

TEST(queue)
{
	u64 q = 0;
	u32 v;

	for (v = 0; v < 260; v++) {
		bool ok = v < 32 && v != 2 && v != 3 && v != 4 && v != 8;

		q = 0;
		EXPECT_EQ(vmx_intinfo_queue(&q, v, v == 13, 0x18),
			  ok ? VMX_QUEUED : VMX_QUEUE_INVALID);
		EXPECT_EQ(q, !ok ? 0 : v == 13 ?
			  vmx_intinfo(HW(13) | ERR, 0x18) : HW(v));
	}
	q = HW(6);
	EXPECT_EQ(vmx_intinfo_queue(&q, 13, true, 0), VMX_QUEUE_BUSY);
	EXPECT_EQ(q, (u64)HW(6));
}

TEST(restored_by_userspace)
{
	static const struct {
		u64 intinfo;
		bool ok;
	} row[] = {
		{ 0, true },
		{ 0x300 | 6, false },			/* not valid, not none */
		{ HW(6), true },
		{ HW(31), true },
		{ HW(32), false },
		{ HW(2), false },
		{ HW(13) | ERR, true },
		{ 5ULL << 32 | HW(13) | ERR, true },
		{ 5ULL << 32 | HW(13), false },		/* error code unannounced */
		{ HW(6) | 1 << 12, false },
		{ HW(6) | 1 << 30, false },
		{ NMI, true },
		{ NMI | ERR, false },
		{ NMI + 1, false },
		{ EXT(255), true },
		{ EXT(255) | ERR, false },
		{ 0x80000100, false },			/* type 1 */
		{ SWI(0x80), true },
		{ INT1, true },
		{ INT1 + 1, false },
		{ INT3, true },
		{ INTO, true },
		{ INTO + 1, false },
		{ 0x80000700, false },			/* pending MTF */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		bool software = vmx_intinfo_has_length(row[i].intinfo);
		bool hardware = !row[i].intinfo || (row[i].intinfo & 0x700) == 0x300;

		EXPECT_EQ(vmx_intinfo_ok(row[i].intinfo, software), row[i].ok)
			TH_LOG("row %u", i);
		EXPECT_EQ(vmx_intinfo_ok(row[i].intinfo, !software), false);
		EXPECT_EQ(vmx_intinfo_ok(row[i].intinfo, 16), false);
		EXPECT_EQ(vmx_intinfo_entry_ok(row[i].intinfo), row[i].ok && hardware);
	}
}

/* SDM "Instruction-Breakpoint Exception Condition": faults are saved with RF. */
TEST(resume_flag)
{
	struct vmx_event_in in = { .cr0 = 1 };
	struct vmx_event_out out;
	u32 vector;

	for (vector = 0; vector < 32; vector++) {
		if (vector == 2)
			continue;
		in.queued = HW(vector);
		in.exit_intinfo = 0;
		vmx_event_decide(&in, &out);
		EXPECT_EQ(out.set_rf, vector != 1 && vector != 3 && vector != 4 &&
				      vector != 8 && vector != 18);
		/* Cut short and injected again: saved with the right RF already. */
		in.exit_intinfo = in.queued;
		in.queued = 0;
		vmx_event_decide(&in, &out);
		EXPECT_EQ(out.set_rf, false);
	}
	in.exit_intinfo = HW(13);
	in.queued = HW(13);
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.info & 0xff, 8U);
	EXPECT_EQ(out.set_rf, false);
	in = (struct vmx_event_in) { .cr0 = 1, .exit_intinfo = EXT(0x40) };
	vmx_event_decide(&in, &out);
	EXPECT_EQ(out.set_rf, false);
}

/* SDM "Information for VM Exits Due to Vectored Events", bit 12. */
TEST(nmi_blocking)
{
	static const struct {
		const char *name;
		u32 reason;
		u32 info;
		u64 qual;
		u32 idt;
		u32 before;
		u32 after;
	} row[] = {
		{ "#PF by IRET", 0, HW(14) | 1 << 12, 0, 0, 0, 8 },
		{ "#PF not by IRET", 0, HW(14), 0, 0, 0, 0 },
		{ "#DF", 0, HW(8) | 1 << 12, 0, 0, 0, 0 },
		{ "NMI exit", 0, NMI | 1 << 12, 0, 0, 0, 0 },
		{ "#PF while delivering", 0, HW(14) | 1 << 12, 0, HW(6), 0, 0 },
		{ "EPT violation by IRET", 48, 0, 1 << 12, 0, 1, 9 },
		{ "EPT violation while delivering", 48, 0, 1 << 12, EXT(32), 0, 0 },
		{ "EPT violation while delivering NMI", 48, 0, 1 << 12, NMI, 8, 0 },
		{ "PML full by IRET", 62, 0, 1 << 12, 0, 0, 8 },
		{ "I/O, bit 12 means nothing", 30, 0, 1 << 12, 0, 0, 0 },
		{ "task switch by NMI", 9, 0, 0, NMI, 8, 8 },
		{ "entry failed", 0x80000021, 0, 1 << 12, NMI, 8, 8 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(row); i++) {
		EXPECT_EQ(vmx_nmi_blocking_after_exit(row[i].reason, row[i].info,
						      row[i].qual, row[i].idt,
						      row[i].before),
			  row[i].after)
			TH_LOG("%s", row[i].name);
	}
}

TEST_HARNESS_MAIN
