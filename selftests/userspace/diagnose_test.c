// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Why a machine cannot run guests: each cause gets its own row and remedy, and
 * a sound machine passes.
 */
#include <errno.h>
#include <libvmm.h>

#include "kselftest_harness.h"

/* A machine where all is well. */
static struct vmm_facts sound(void)
{
	struct vmm_facts facts = {
		.vendor = "GenuineIntel",
		.cpuid_vmx = true,
		.cpuinfo_known = true,
		.cpuinfo_vmx = true,
		.vmx_flags = "vnmi ept vpid ept_ad unrestricted_guest",
		.module_loaded = true,
		.module_installed = true,
		.info_known = true,
		.info = { .abi_version = VMM_ABI_VERSION, .version = "1.2.3" },
		.release = "6.1.0-1-amd64",
		.kernel_major = 6,
		.kernel_minor = 1,
		.group_exists = true,
		.in_group = true,
		.user = "ann",
	};

	return facts;
}

/* As above, before the module is loaded. */
static struct vmm_facts unloaded(void)
{
	struct vmm_facts facts = sound();

	facts.module_loaded = false;
	facts.info_known = false;
	facts.open_error = ENOENT;
	return facts;
}

/* The first failing row's texts, joined; "" if all pass. */
static const char *first_failure(const struct vmm_facts *facts)
{
	static char text[800];
	struct vmm_row rows[VMM_ROWS_MAX];
	unsigned int count = vmm_diagnose(facts, rows);

	if (count > VMM_ROWS_MAX)
		abort();
	for (unsigned int i = 0; i < count; i++) {
		/* A failure without a remedy helps nobody. */
		if (rows[i].verdict == VMM_ROW_FAIL && !rows[i].remedy[0])
			abort();
		if (!rows[i].subject || !rows[i].found[0])
			abort();
	}
	for (unsigned int i = 0; i < count; i++)
		if (rows[i].verdict == VMM_ROW_FAIL) {
			snprintf(text, sizeof(text), "%s|%s|%s", rows[i].subject, rows[i].found,
				 rows[i].remedy);
			return text;
		}
	return "";
}

#define EXPECT_FAILURE(facts, part) do {					\
	const char *got = first_failure(facts);					\
										\
	EXPECT_NE(NULL, strstr(got, part)) {					\
		TH_LOG("\"%s\" is not in \"%s\"", part, got);			\
	}									\
} while (0)

TEST(sound_machine_passes)
{
	struct vmm_facts facts = sound();
	struct vmm_row rows[VMM_ROWS_MAX];

	EXPECT_STREQ("", first_failure(&facts));
	EXPECT_TRUE(vmm_rows_pass(rows, vmm_diagnose(&facts, rows)));
}

TEST(processor)
{
	struct vmm_facts facts = unloaded();

	facts.cpuid_vmx = false;
	strcpy(facts.vendor, "AuthenticAMD");
	EXPECT_FAILURE(&facts, "AMD-V is not supported");
	/* In a VM, too: nesting would not help. */
	strcpy(facts.hypervisor, "KVMKVMKVM");
	EXPECT_EQ(NULL, strstr(first_failure(&facts), "nest"));
	facts.hypervisor[0] = '\0';
	strcpy(facts.vendor, "GenuineIntel");
	EXPECT_FAILURE(&facts, "does not offer it");
}

TEST(inside_a_vm)
{
	static const struct {
		const char *signature, *part;
	} rows[] = {
		{ "KVMKVMKVM", "nested=1" },
		{ "VMwareVMware", "vhv.enable" },
		{ "Microsoft Hv", "ExposeVirtualizationExtensions" },
		{ "VBoxVBoxVBox", "--nested-hw-virt" },
		{ "TCGTCGTCGTCG", "QEMU without KVM" },
		{ "Some other", "Some other" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct vmm_facts facts = unloaded();

		facts.cpuid_vmx = false;
		strcpy(facts.hypervisor, rows[i].signature);
		EXPECT_FAILURE(&facts, rows[i].part);
		EXPECT_FAILURE(&facts, "inside a VM");
	}
}

TEST(firmware_lock)
{
	struct vmm_facts facts = unloaded();

	facts.cpuinfo_vmx = false;
	EXPECT_FAILURE(&facts, "locked off");
	EXPECT_FAILURE(&facts, "Intel Virtualization Technology");

	facts = unloaded();
	facts.feature_control_known = true;
	facts.feature_control = 1;
	EXPECT_FAILURE(&facts, "locked off");
	facts.feature_control = 5;
	EXPECT_FAILURE(&facts, "module vmm");
}

TEST(missing_features)
{
	struct vmm_facts facts = unloaded();

	strcpy(facts.vmx_flags, "vnmi vpid unrestricted_guest ept_ad");
	EXPECT_FAILURE(&facts, "EPT is missing");
	strcpy(facts.vmx_flags, "ept vpid");
	EXPECT_FAILURE(&facts, "unrestricted guest is missing");
	EXPECT_FAILURE(&facts, "Westmere");
}

TEST(module_not_there)
{
	struct vmm_facts facts = unloaded();

	EXPECT_FAILURE(&facts, "modprobe vmm");
	facts.module_installed = false;
	EXPECT_FAILURE(&facts, "not installed for kernel 6.1.0-1-amd64");
	facts.module_installed = true;
	facts.secure_boot = 1;
	EXPECT_FAILURE(&facts, "mokutil");
	/* The cause comes first, not its consequence. */
	facts.cpuid_vmx = false;
	EXPECT_FAILURE(&facts, "VT-x|");
}

TEST(node)
{
	struct vmm_facts facts = sound();

	facts.info_known = false;
	facts.open_error = EACCES;
	facts.in_group = false;
	EXPECT_FAILURE(&facts, "adduser ann vmm");
	facts.in_group = true;
	EXPECT_FAILURE(&facts, "chgrp vmm");
	facts.group_exists = false;
	EXPECT_FAILURE(&facts, "groupadd");
	facts.open_error = ENOENT;
	EXPECT_FAILURE(&facts, "udev");
	facts.open_error = ENOTTY;
	EXPECT_FAILURE(&facts, "not the node of module vmm");
	facts.open_error = EMFILE;
	EXPECT_FAILURE(&facts, "dmesg");
}

TEST(interface_version)
{
	struct vmm_facts facts = sound();

	facts.abi_error = EPROTO;
	facts.info.abi_version = VMM_ABI_VERSION + 1;
	EXPECT_FAILURE(&facts, "this program is older");
	facts.info.abi_version = VMM_ABI_VERSION - 1;
	EXPECT_FAILURE(&facts, "the module is older");
}

TEST(kvm_holds_vmx)
{
	struct vmm_facts facts = sound();

	facts.kvm_intel = true;
	EXPECT_STREQ("", first_failure(&facts));

	facts.info.refusal = VMM_REFUSAL_VMX_HELD;
	EXPECT_FAILURE(&facts, "KVM holds VMX");
	EXPECT_FAILURE(&facts, "stop KVM guests (fuser");

	facts.kernel_minor = 12;
	EXPECT_FAILURE(&facts, "modprobe -r kvm_intel");
	EXPECT_FAILURE(&facts, "kvm.enable_virt_at_load=0");

	/* Stable kernels back-port: the switch's presence beats the version. */
	facts.kernel_minor = 1;
	facts.enable_virt_at_load = 'Y';
	EXPECT_FAILURE(&facts, "kvm.enable_virt_at_load=0");
	facts.kernel_minor = 12;
	facts.enable_virt_at_load = 'N';
	EXPECT_FAILURE(&facts, "stop KVM guests (fuser");
}

TEST(others_hold_vmx)
{
	struct vmm_facts facts = sound();

	facts.info.refusal = VMM_REFUSAL_VMX_HELD;
	facts.info.refusal_cpu = 3;
	EXPECT_FAILURE(&facts, "CPU 3");
	facts.vboxdrv = true;
	EXPECT_FAILURE(&facts, "modprobe -r vboxdrv");
	facts.vboxdrv = false;
	facts.vmmon = true;
	EXPECT_FAILURE(&facts, "modprobe -r vmmon");
	/* Loaded, but not in the way: a warning. */
	facts.info.refusal = VMM_REFUSAL_NONE;
	EXPECT_STREQ("", first_failure(&facts));
}

TEST(other_refusals)
{
	struct vmm_facts facts = sound();

	facts.info.refusal_cpu = 7;
	facts.info.refusal = VMM_REFUSAL_VMXON;
	EXPECT_FAILURE(&facts, "chcpu -d 7");
	facts.info.refusal = VMM_REFUSAL_NO_CONTROL;
	EXPECT_FAILURE(&facts, "CPU 7 lacks");
	facts.info.refusal = VMM_REFUSAL_GOING_DOWN;
	EXPECT_FAILURE(&facts, "going down");
	facts.info.refusal = 99;
	EXPECT_FAILURE(&facts, "99");
}

TEST(refusal_text)
{
	struct vmm_info info = { .refusal_cpu = 2 };
	char text[256], tiny[8];

	EXPECT_STREQ("", vmm_refusal_text(&info, text, sizeof(text)));
	for (info.refusal = 1; info.refusal < 7; info.refusal++) {
		EXPECT_LT(20, strlen(vmm_refusal_text(&info, text, sizeof(text))));
		EXPECT_EQ(7, strlen(vmm_refusal_text(&info, tiny, sizeof(tiny))));
	}
}

TEST(gathering_works_anywhere)
{
	struct vmm_facts facts;
	struct vmm_row rows[VMM_ROWS_MAX];

	vmm_facts_gather(&facts, "/dev/null");
	EXPECT_EQ(ENOTTY, facts.open_error);
	EXPECT_FALSE(facts.info_known);
	EXPECT_EQ(12, strlen(facts.vendor));
	EXPECT_NE(0, facts.kernel_major);
	EXPECT_FALSE(vmm_rows_pass(rows, vmm_diagnose(&facts, rows)));
	vmm_facts_gather(&facts, "/nonexistent");
	EXPECT_EQ(ENOENT, facts.open_error);
}

TEST_HARNESS_MAIN
