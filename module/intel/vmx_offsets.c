// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* Offsets for vmx_entry.S, turned into vmx_offsets.h by Kbuild. */
#include <linux/kbuild.h>
#include "compat.h"
#include "vmx.h"

static void __used vmx_offsets(void)
{
	OFFSET(SWITCH_GPRS, vmx_switch, gpr);
	OFFSET(SWITCH_HOST_RSP, vmx_switch, host_rsp);
	OFFSET(SWITCH_HOST_SPEC, vmx_switch, host_spec_ctrl);
	OFFSET(SWITCH_GUEST_SPEC, vmx_switch, guest_spec_ctrl);
	OFFSET(SWITCH_FLAGS, vmx_switch, flags);
	DEFINE(SWITCH_B_RESUME, SWITCH_B_RESUME);
	DEFINE(SWITCH_F_VERW, SWITCH_F_VERW);
	DEFINE(SWITCH_F_SPEC_CTRL, SWITCH_F_SPEC_CTRL);
	DEFINE(SWITCH_F_BHB, SWITCH_F_BHB);
	DEFINE(SWITCH_F_GUEST_SPEC, SWITCH_F_GUEST_SPEC);
	DEFINE(VMM_HAVE_BHB_LOOP, VMM_HAVE_BHB_LOOP);
}
