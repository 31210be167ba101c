// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The module's refusal, as one sentence. For callers that have an info block
 * and no wish for the whole table of diagnose.c.
 *
 * It knows nothing about who holds VMX: the module sees only that CR4.VMXE is
 * set. vmm_diagnose() has more to go by.
 */
#include <stdio.h>

#include "libvmm.h"

char *vmm_refusal_text(const struct vmm_info *info, char *buf, size_t len)
{
	unsigned int cpu = info->refusal_cpu;

	switch (info->refusal) {
	case VMM_REFUSAL_NONE:
		snprintf(buf, len, "%s", "");
		break;
	case VMM_REFUSAL_VMX_HELD:
		snprintf(buf, len,
			 "another hypervisor, most often KVM, holds VMX on CPU %u: stop its guests or unload its module",
			 cpu);
		break;
	case VMM_REFUSAL_VMXON:
		snprintf(buf, len,
			 "CPU %u refuses VMXON: its firmware settings differ from those of the first CPU",
			 cpu);
		break;
	case VMM_REFUSAL_NO_CONTROL:
		snprintf(buf, len,
			 "CPU %u lacks a VMX control that the first CPU has: dmesg names it", cpu);
		break;
	case VMM_REFUSAL_GOING_DOWN:
		snprintf(buf, len, "the machine is going down");
		break;
	default:
		snprintf(buf, len, "the module refuses for reason %u: dmesg may say more",
			 info->refusal);
	}
	return buf;
}
