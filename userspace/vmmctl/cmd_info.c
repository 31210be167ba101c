// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * vmmctl info: what the module and this machine offer.
 */
#include <stdio.h>

#include "json.h"
#include "vmmctl.h"

struct bit_name {
	uint64_t bit;
	const char *name;
};

static const struct bit_name caps[] = {
	{ VMM_CAP_EPT, "ept" },
	{ VMM_CAP_UNRESTRICTED, "unrestricted-guest" },
	{ VMM_CAP_EPT_AD, "ept-accessed-dirty" },
	{ VMM_CAP_EPT_2M, "ept-2m" },
	{ VMM_CAP_EPT_1G, "ept-1g" },
	{ VMM_CAP_EPT_EXEC_ONLY, "ept-execute-only" },
	{ VMM_CAP_VPID, "vpid" },
	{ VMM_CAP_MTF, "monitor-trap-flag" },
	{ VMM_CAP_TPR_SHADOW, "tpr-shadow" },
	{ VMM_CAP_APIC_REG_VIRT, "apic-register-virtualization" },
	{ VMM_CAP_VID, "virtual-interrupt-delivery" },
	{ VMM_CAP_PML, "page-modification-logging" },
	{ VMM_CAP_TSC_SCALING, "tsc-scaling" },
	{ VMM_CAP_PAUSE_LOOP, "pause-loop-exiting" },
	{ VMM_CAP_PREEMPT_TIMER, "preemption-timer" },
	{ VMM_CAP_XSAVE, "xsave" },
	{ VMM_CAP_INVPCID, "invpcid" },
	{ VMM_CAP_RDTSCP, "rdtscp" },
};

static const struct bit_name mitigations[] = {
	{ VMM_MITIG_L1D_FLUSH, "l1d-flush" },
	{ VMM_MITIG_VERW, "verw" },
	{ VMM_MITIG_SPEC_CTRL, "spec-ctrl" },
	{ VMM_MITIG_RSB_FILL, "rsb-fill" },
	{ VMM_MITIG_BHB_CLEAR, "bhb-clear" },
	{ VMM_MITIG_IBPB, "ibpb" },
	{ VMM_MITIG_IBPB_USER, "ibpb-user" },
	{ VMM_MITIG_GPR_CLEAR, "gpr-clear" },
	{ VMM_MITIG_ITLB, "itlb-multihit" },
	{ VMM_MITIG_SMT_EXPOSED, "smt-exposed" },
};

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static void print_bits(const char *label, uint64_t value, const struct bit_name *names,
		       size_t count)
{
	printf("%-13s", label);
	for (size_t i = 0; i < count; i++)
		if (value & names[i].bit)
			printf(" %s", names[i].name);
	putchar('\n');
}

static void json_bits(struct json *json, const char *key, uint64_t value,
		      const struct bit_name *names, size_t count)
{
	json_open(json, key, '[');
	for (size_t i = 0; i < count; i++)
		if (value & names[i].bit)
			json_string(json, NULL, names[i].name);
	json_close(json, ']');
}

static int print_json(const struct vmm_info *info, const char *version, const char *refusal)
{
	struct json json = { 0 };

	json_open(&json, NULL, '{');
	json_string(&json, "version", version);
	json_number(&json, "abi_version", info->abi_version);
	json_number(&json, "max_vcpus", info->max_vcpus);
	json_number(&json, "vms", info->vms);
	json_number(&json, "vcpus", info->vcpus);
	json_number(&json, "tsc_khz", info->tsc_khz);
	json_number(&json, "ioapic_pins", info->ioapic_pins);
	json_bits(&json, "capabilities", info->caps, caps, COUNT(caps));
	json_bits(&json, "mitigations", info->mitigations, mitigations, COUNT(mitigations));
	json_number(&json, "refusal", info->refusal);
	json_string(&json, "refusal_text", refusal);
	json_close(&json, '}');
	return 0;
}

int cmd_info(const struct ctl *ctl, int argc, char **argv)
{
	const struct vmm_info *info = &ctl->info;
	char version[sizeof(info->version) + 1];
	char refusal[256];

	(void)argv;
	if (argc > 1)
		return ctl_no_arguments(ctl, "info", argc - 1);
	snprintf(version, sizeof(version), "%.*s", (int)sizeof(info->version), info->version);
	vmm_refusal_text(info, refusal, sizeof(refusal));
	if (ctl->json)
		return print_json(info, version, refusal);

	printf("%-13s %s (interface %u)\n", "module", version, info->abi_version);
	printf("%-13s %u with %u vCPUs; at most %u vCPUs in one\n", "VMs", info->vms,
	       info->vcpus, info->max_vcpus);
	printf("%-13s %u.%03u MHz\n", "TSC", info->tsc_khz / 1000, info->tsc_khz % 1000);
	print_bits("capabilities", info->caps, caps, COUNT(caps));
	print_bits("mitigations", info->mitigations, mitigations, COUNT(mitigations));
	printf("%-13s %s\n", "VM creation", refusal[0] ? refusal : "possible");
	return 0;
}
