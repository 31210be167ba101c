// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Names of the per-vCPU counters. The counters themselves are plain words that
 * only the vCPU's own thread increments.
 */
#include "vmm.h"

static const char *const stat_names[STAT_REASON0] = {
	[STAT_EXITS] = "VM exits",
	[STAT_ENTRIES] = "VM entries",
	[STAT_BURSTS] = "bursts",
	[STAT_USER_EXITS] = "exits to userspace",
	[STAT_PAGE_FAULTS] = "guest pages faulted in",
	[STAT_EMULATED] = "instructions emulated",
	[STAT_HALTS] = "halts",
	[STAT_IRQS] = "interrupts injected",
	[STAT_NMIS] = "NMIs injected",
	[STAT_EXCEPTIONS] = "exceptions injected",
	[STAT_MIGRATIONS] = "host CPU changes",
	[STAT_INVEPT] = "INVEPT",
	[STAT_INVVPID] = "INVVPID",
	[STAT_KICKS] = "kicks",
};

static const char *const reason_names[STAT_REASONS] = {
	[0] = "exit: exception or NMI",
	[1] = "exit: external interrupt",
	[2] = "exit: triple fault",
	[7] = "exit: interrupt window",
	[8] = "exit: NMI window",
	[9] = "exit: task switch",
	[10] = "exit: CPUID",
	[11] = "exit: GETSEC",
	[12] = "exit: HLT",
	[13] = "exit: INVD",
	[14] = "exit: INVLPG",
	[15] = "exit: RDPMC",
	[16] = "exit: RDTSC",
	[17] = "exit: RSM",
	[18] = "exit: VMCALL",
	[28] = "exit: control-register access",
	[29] = "exit: MOV DR",
	[30] = "exit: I/O instruction",
	[31] = "exit: RDMSR",
	[32] = "exit: WRMSR",
	[33] = "exit: entry failed, guest state",
	[34] = "exit: entry failed, MSR loading",
	[36] = "exit: MWAIT",
	[37] = "exit: monitor trap flag",
	[39] = "exit: MONITOR",
	[40] = "exit: PAUSE",
	[41] = "exit: entry failed, machine check",
	[43] = "exit: TPR below threshold",
	[44] = "exit: APIC access",
	[45] = "exit: virtualized EOI",
	[46] = "exit: GDTR or IDTR access",
	[47] = "exit: LDTR or TR access",
	[48] = "exit: EPT violation",
	[49] = "exit: EPT misconfiguration",
	[50] = "exit: INVEPT",
	[51] = "exit: RDTSCP",
	[52] = "exit: preemption timer",
	[53] = "exit: INVVPID",
	[54] = "exit: WBINVD",
	[55] = "exit: XSETBV",
	[56] = "exit: APIC write",
	[57] = "exit: RDRAND",
	[58] = "exit: INVPCID",
	[59] = "exit: VMFUNC",
	[62] = "exit: page-modification log full",
	[63] = "exit: XSAVES",
	[64] = "exit: XRSTORS",
};

const char *vcpu_stat_name(u32 index)
{
	const char *name;

	if (index >= STAT_COUNT)
		return NULL;
	name = index < STAT_REASON0 ? stat_names[index] : reason_names[index - STAT_REASON0];
	return name ?: "exit: other";
}
