// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Debug events for userspace: single step, INT3, hardware breakpoints.
 *
 * A step ends where the processor traps, or where the module itself has
 * completed an instruction; the latter is a request to the vCPU by itself
 * (REQ_STEP), so that the hot path has nothing new to look at.
 */
#include "vmm.h"
#include "vmm_ioctl.h"

#define DR7_ENABLES	0x000000ffU
#define DR7_EXACT	0x00000300U
#define DR7_CONDITIONS	0xffff0000U
#define DR7_FIXED_1	0x00000400U

enum exit_action vcpu_exit_debug(struct vcpu *vcpu, u32 cause, u32 length, u64 dr6)
{
	vcpu->run->exit = VMM_EXIT_DEBUG;
	vcpu->run->inst_length = 0;
	vcpu->run->debug = (struct vmm_exit_debug) {
		.cause = cause, .length = length, .dr6 = dr6,
	};
	return EXIT_USER;
}

enum exit_action vcpu_exit_step(struct vcpu *vcpu)
{
	if (vcpu->step & STEP_PROT)
		vcpu->pass.done = true;
	if (vcpu->step & STEP_USER)
		return vcpu_exit_debug(vcpu, VMM_DEBUG_STEP, 0, 0);
	/* The pages are shut in process context. */
	return vcpu->pass.done ? EXIT_AGAIN : EXIT_RESUME;
}

long ioctl_set_debug(void *object, void *arg)
{
	const struct vmm_debug *args = arg;
	struct vcpu *vcpu = object;

	if (args->pad || args->reserved[0] || args->reserved[1] ||
	    args->control & ~VMM_DEBUG_ALL)
		return -EINVAL;
	if (args->dr7 & ~(u64)(DR7_ENABLES | DR7_EXACT | DR7_FIXED_1 | DR7_CONDITIONS))
		return -EINVAL;
	if (!(args->control & VMM_DEBUG_HARDWARE) &&
	    (args->dr7 || args->dr[0] || args->dr[1] || args->dr[2] || args->dr[3]))
		return -EINVAL;

	vcpu->debug.control = args->control;
	vcpu->debug.dr7 = args->dr7 | DR7_FIXED_1;
	memcpy(vcpu->debug.dr, args->dr, sizeof(args->dr));
	vcpu_dirty(vcpu, CACHE_DEBUG);
	vcpu_step_disarm(vcpu, STEP_USER | STEP_HOLD);
	if (args->control & VMM_DEBUG_STEP)
		vcpu_step_arm(vcpu, STEP_USER);
	if (args->control & VMM_DEBUG_HOLD)
		vcpu_step_arm(vcpu, STEP_HOLD);
	/* An instruction completed before this call is nobody's step. */
	clear_bit(REQ_STEP, &vcpu->requests);
	return 0;
}
